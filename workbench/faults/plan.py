"""How a process under test is told what to suffer: a file for the clock, variables for the rest."""

#: In the instance: {"origin", "speed", "jump"} of the clock that all processes share.
PLAN = "clock.json"
#: The step at which the process dies, at the how many-th time, and the protection it does without.
STEP, COUNT, WITHOUT = "WORKBENCH_FAULT_STEP", "WORKBENCH_FAULT_COUNT", "WORKBENCH_FAULT_WITHOUT"
#: Seconds after which a process gives up on a department's answer.
TIMEOUT = "WORKBENCH_FAULT_TIMEOUT"
#: "platform=how": which platform's adapter misbehaves, and how (`rogues`).
ROGUE = "WORKBENCH_FAULT_ROGUE"
#: The program that runs the product's own web or worker process under such a plan.
PROGRAM = "workbench.commands.under_fault"
