"""The pretend fuel-subsidy system of the province: two screens, its own order, its own number, GBK."""

from workbench.testing.department import DepartmentHome
from workbench.testing.entry_program import FAULTS, EntryField, EntryProgram

__all__ = ["FAULTS", "PROGRAM", "serve"]

ID_TYPES = ("0|身份证", "3|护照", "4|港澳通行证", "5|台湾通行证", "9|其他")
CATEGORIES = ("01|视力", "02|听力", "03|言语", "04|肢体", "05|智力", "06|精神", "07|多重")
LEVELS = ("A|一级", "B|二级", "C|三级", "D|四级")
BANKS = ("ICBC|工商银行", "ABC|农业银行", "BOC|中国银行", "CCB|建设银行", "PSBC|邮储银行", "RCB|农商银行")

OWNER = (
    EntryField("zh", "残疾人证号", required=True),
    EntryField("czxm", "车主姓名", required=True),
    EntryField("zjzl", "证件种类", ID_TYPES, required=True),
    EntryField("zjhm", "证件号码", required=True),
    EntryField("xb", "性别", ("M|男", "F|女", "U|未说明")),
    EntryField("cjlb", "残疾类别", CATEGORIES, required=True),
    EntryField("cjdj", "残疾等级", LEVELS, required=True),
    EntryField("sj", "手机", required=True),
    EntryField("hjdz", "户籍地址"),
)
VEHICLE = (
    EntryField("lybh", "来源编号"),
    EntryField("clxh", "车辆型号", required=True),
    EntryField("cjh", "车架号"),
    EntryField("pl", "排量"),
    EntryField("khh", "开户行", BANKS, required=True),
    EntryField("yhzh", "银行账号", required=True),
    EntryField("zhhm", "账户户名", required=True),
    EntryField("bz", "备注", lines=6),
)
PROGRAM = EntryProgram(
    title="省残疾人机动轮椅车燃油补贴系统",
    prefix="RB",
    screens={"车主信息": OWNER, "车辆与账户": VEHICLE},
    number_label="补贴编号",
    source_field="lybh",
    charset="gbk",
)


def serve(home: DepartmentHome) -> None:
    """Run the system on loopback until the process ends."""
    PROGRAM.serve(home)
