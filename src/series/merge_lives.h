// One record of the lives of one job: restarts, crashes, and ranks that ran at the same time.
//
// Each life was recorded by a lowtide of its own and knows nothing of the others. The merged record
// is what one lowtide would have recorded that saw them all: a device counts once over lives that
// overlap, from the life that read most of it, and the others fill what that one did not see; CPU
// time of ranks adds up; the time between lives is no time of the run (RunRecord::off). Everything
// behind it (account, show) takes it for a run like any other. docs/adr/0015. Pure.
#pragma once

#include <vector>

#include "series/run.h"

namespace lowtide {

// In any order, at least one. Name, project, tags, command and the rules of accounting are those of
// the record's first life: the one whose `life_of` is empty, else the one submitted first.
// Samples, where the lives have them, say how the energy of a slot is shared out where lives meet.
[[nodiscard]] RunRecord merge_lives(std::vector<RunRecord> lives);

[[nodiscard]] const MachineShare& machine_of(const RunRecord& record, std::size_t number);
[[nodiscard]] const std::string& host_of(const RunRecord& record, std::size_t number);
// How much of the run's own time `away` (of a channel or a machine) takes off.
[[nodiscard]] Duration time_away(const RunRecord& record, const std::vector<Interval>& away);

// The time between lives that is none of the run's.
[[nodiscard]] Duration not_counted(const RunRecord& record);

}  // namespace lowtide
