"""Every rule by its id, in the order in which it is asked."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from ..api.manifest import ItemManifest, LineManifest, PlatformManifest
from . import code, declared, dictionary, item_fields, item_handling, item_words, platforms, whole_line
from .finding import Fault
from .whole_line import Read
from .world import World

ItemRule = Callable[[ItemManifest, World], Iterable[Fault]]
LineRule = Callable[[LineManifest, Path, World], Iterable[Fault]]
TogetherRule = Callable[[LineManifest, list[Read]], Iterable[tuple[Path, Fault]]]
FolderRule = Callable[[LineManifest, Path], Iterable[tuple[Path, Fault]]]
PlatformRule = Callable[[PlatformManifest, Path, World], Iterable[Fault]]

ITEM_RULES: Mapping[str, ItemRule] = {
    "languages": item_words.speak_both_languages,
    "unique-keys": item_words.use_each_key_once,
    "purpose": item_words.say_why_data_is_asked_for,
    "known-group": item_fields.know_every_group,
    "known-fact": item_fields.know_every_fact,
    "fact-or-own": item_fields.point_or_say_why,
    "form-key": item_fields.keep_the_form_key,
    "choices": item_fields.offer_choices_that_exist,
    "table-columns": item_fields.give_tables_columns,
    "fields-alike": item_fields.ask_nothing_twice,
    "rule-expression": item_handling.read_every_rule,
    "known-platform": item_handling.know_every_platform,
    "steps": item_handling.let_a_worker_accept,
    "days": item_handling.count_days_that_agree,
    "validity": item_handling.last_from_a_day_to_a_later_one,
}
LINE_RULES: Mapping[str, LineRule] = {
    "surface": whole_line.fit_this_workbench,
    "free-claims": whole_line.claim_what_is_free,
    "known-roles": whole_line.name_roles_that_exist,
    "shipped": whole_line.ship_what_is_named,
}
#: What holds within the shared dictionary.
DICTIONARY_RULES: Mapping[str, Callable[[], Iterable[tuple[Path, Fault]]]] = {
    "dictionary-alike": dictionary.tell_fields_apart,
}
#: What holds between the items of a line.
TOGETHER_RULES: Mapping[str, TogetherRule] = {
    "file-name": whole_line.name_files_by_code,
    "unique-titles": whole_line.keep_titles_apart,
    "one-version": whole_line.keep_versions_apart,
}
#: What holds for the code, templates and words of a line.
FOLDER_RULES: Mapping[str, FolderRule] = {
    "python": code.be_python,
    "public-surface": code.see_only_the_public_surface,
    "templates-readable": code.keep_templates_readable,
    "templates-safe": code.keep_templates_safe,
    "chinese": code.speak_chinese,
}
PLATFORM_RULES: Mapping[str, PlatformRule] = {
    "surface": platforms.fit_this_workbench,
    "known-capability": platforms.claim_known_capabilities,
    "known-lookup": platforms.look_up_known_facts,
    "code-maps": platforms.ship_the_code_maps,
    "codes-round-trip": dictionary.come_back_or_say_what_is_lost,
    "shipped": platforms.ship_the_programs,
    "declared-whole": declared.say_everything_promised,
    "declared-map": declared.map_what_exists,
    "declared-codes": declared.ship_whole_code_maps,
    "declared-signing": declared.sign_with_settings,
    "declared-answers": declared.know_every_code,
    "declared-lookup": declared.answer_what_is_looked_up,
}
#: Rules that are asked while files are read.
GENERAL: Mapping[str, str] = {
    "installed": "Every installed line can be found and read.",
    "readable": "Every file can be read, and holds no key that does not exist.",
    "exemption": "An exemption names a rule that exists and says why.",
}


def explain_rules() -> dict[str, str]:
    """Give what every rule promises, by its id."""
    every: tuple[Mapping[str, Callable[..., object]], ...] = (
        ITEM_RULES, LINE_RULES, DICTIONARY_RULES, TOGETHER_RULES, FOLDER_RULES, PLATFORM_RULES,
    )  # fmt: skip
    return {**GENERAL} | {name: (rule.__doc__ or "").strip() for rules in every for name, rule in rules.items()}
