"""The pretend two-allowances system: two screens, its own order, its own number."""

from workbench.testing.department import DepartmentHome
from workbench.testing.entry_program import FAULTS, EntryField, EntryProgram

__all__ = ["FAULTS", "PROGRAM", "serve"]

KINDS = ("1|困难残疾人生活补贴", "2|重度残疾人护理补贴")
RELATIONS = ("1|本人", "2|配偶", "3|子女", "4|父母", "5|祖父母外祖父母", "6|兄弟姐妹", "7|其他亲属", "9|其他")
BANKS = (
    "01|中国工商银行",
    "02|中国农业银行",
    "03|中国银行",
    "04|中国建设银行",
    "05|中国邮政储蓄银行",
    "06|农村商业银行",
)

APPLICANT = (
    EntryField("btzl", "补贴种类", KINDS, required=True),
    EntryField("sfzh", "身份证号", required=True),
    EntryField("xm", "申请人姓名", required=True),
    EntryField("xb", "性别", ("1|男", "2|女", "9|未说明"), required=True),
    EntryField("csny", "出生年月日"),
    EntryField("xzqh", "户籍行政区划"),
    EntryField("hjszd", "户籍所在地", required=True),
    EntryField("xzz", "现住址"),
    EntryField("lxdh", "联系电话", required=True),
    EntryField("lybh", "来源编号"),
)
ALLOWANCE = (
    EntryField("cjzh", "残疾人证号码", required=True),
    EntryField("dbzh", "低保证号"),
    EntryField("jhr", "监护人"),
    EntryField("jhrsfz", "监护人身份证号"),
    EntryField("ysqrgx", "与申请人关系", RELATIONS),
    EntryField("jhrdh", "监护人电话"),
    EntryField("hm", "户名", required=True),
    EntryField("ffyh", "发放银行", BANKS, required=True),
    EntryField("ffzh", "发放账号", required=True),
    EntryField("bz", "备注", lines=6),
)
PROGRAM = EntryProgram(
    title="残疾人两项补贴信息系统",
    prefix="LX",
    screens={"申请人": APPLICANT, "补贴信息": ALLOWANCE},
    number_label="补贴受理号",
    source_field="lybh",
)


def serve(home: DepartmentHome) -> None:
    """Run the system on loopback until the process ends."""
    PROGRAM.serve(home)
