"""Enquiries (咨询): who asked what about which item, how it was answered, to whom it was passed on."""
