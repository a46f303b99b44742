"""What people and departments of the demonstration say about its cases."""

#: Why a reviewer or approver agrees.
AGREED = ("材料齐全，情况属实，同意上报。", "已入户核实，符合条件，同意。", "经审核，信息一致，同意。")
#: Why somebody disagrees; the department decides all the same.
DISAGREED = ("入户核实收入与申报不一致，建议不予认定。",)
CORRECTION = ("“{label}”与本部门登记的不一致，请核对后补正。", "“{label}”不清楚，请重新填写。")
SUSPENDED = ("需等待外地部门协查结果，停止计时。", "需组织专家评审，评审期间停止计时。")
PROGRESS = ("已分配承办人，正在审核。", "信息比对通过，进入下一环节。")
DECIDED = "已作出决定，正在制作办理结果。"
GRANTED = ("符合条件，准予办理。", "审核通过。", "予以认定。")
DENIED = ("经核对，不符合申请条件，不予办理。", "已享受同类待遇，不能重复享受。")
CONSULTED = "核对完成，未发现超出标准的情况。"
WITHDRAWN = ("申请人来电，暂不办理。", "申请人改为在户籍地办理。")
RETURNED = ("属其他部门职责，已告知申请人去处。", "申请人多次未能补齐材料，退回。")
REFUSED = ("申请人不属于本事项的对象，已当面说明并告知救济途径。", "申请事项不属于本站点受理范围。")
#: Why sending stopped, as the program that sends says it.
STOPPED = {
    "outcome-unknown": "the answer was lost and the platform cannot be asked",
    "credentials": "sign-on not accepted (HTTP 401)",
    "broken-promise": "answered text/html instead of JSON: perhaps a sign-in page",
    "held": "申请人要求核实账号后再报送",
}
