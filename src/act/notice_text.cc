#include "act/notice_text.h"

#include <array>
#include <utility>

namespace lowtide::act {
namespace {

template <typename Word>
using Text = std::pair<Word, std::string_view>;

constexpr auto kNotices = std::to_array<Text<Notice>>({
    {Notice::not_caught,
     "the job does not catch the signal to save and end, so it was not sent and the job is not "
     "paused; set its handler first of all, or name another process with --checkpoint-to"},
    {Notice::did_not_pause,
     "the job got the signal to save and did not end in time, so it is not paused; let it exit "
     "when it has saved, or give it longer with --checkpoint-grace"},
    {Notice::no_slack,
     "another pause could miss the deadline, so the job runs to its end; nothing to do"},
    {Notice::not_recorded,
     "the ledger cannot be written: no pause is begun, one that is on ends in time, and a start is "
     "tried again each minute; free some room where LOWTIDE_HOME lies"},
    {Notice::not_guarded,
     "no process that would wake a frozen job could be begun or reached, so it is not frozen; look "
     "at the limit on processes (ulimit -u)"},
    {Notice::not_frozen,
     "a part of the job did not stop, so all of it runs on until the next try; where it is another "
     "user's, run lowtide as that user or take --pause checkpoint"},
    {Notice::woken,
     "the frozen job was woken by its waker or by hand, not by the plan, and runs; nothing to do"},
    {Notice::thawed,
     "the job was found frozen with no lowtide left to wake it, and was woken; nothing to do"},
    {Notice::resume_failed,
     "the job failed soon after it was started again, and is started again after a while; look at "
     "what it printed"},
    {Notice::gave_up,
     "the job failed each time it was started again, and is not started any more; mend it and "
     "start it by hand with LOWTIDE_RESUME=1: what it saved was not touched"},
    {Notice::lost,
     "the job has ended, and how is not known: the lowtide that started it was killed; look at "
     "what "
     "it printed (a job that writes 1 to LOWTIDE_PROGRESS is known to be done)"},
    {Notice::no_plan,
     "there is nothing to plan on, so the job runs as the last plan has it, or at once; `lowtide "
     "doctor` says which source of intensity is in force"},
    {Notice::late, "its deadline has passed; it runs on"},
    {Notice::outlived,
     "all its work is done, by LOWTIDE_PROGRESS or --expect, and it runs on, so its planned pause "
     "is dropped; a job that goes on should write less than 1 there"},
    {Notice::end_not_recorded,
     "its end is not on record, as the ledger cannot be written; free some room, then `lowtide "
     "resume` puts it there"},
});

constexpr auto kReasons = std::to_array<Text<RunsOn>>({
    {RunsOn::no, "it may be paused when the plan says so; nothing to do"},
    {RunsOn::asked, "you asked for it to run, so it is not paused any more; nothing to do"},
    {RunsOn::no_slack, "another pause could miss the deadline; nothing to do"},
    {RunsOn::not_caught,
     "it does not catch the signal to save and end; set its handler first of all, or name another "
     "process with --checkpoint-to"},
    {RunsOn::did_not_pause,
     "it got the signal to save and did not end in time; let it exit when it has saved, or give it "
     "longer with --checkpoint-grace"},
    {RunsOn::not_sure,
     "that shifting gains anything is not sure, so it runs as ever; --trust-typical shifts all the "
     "same"},
    {RunsOn::unled, "nobody could carry its plan out any more; nothing to do"},
});

constexpr auto kShort = std::to_array<Text<RunsOn>>({
    {RunsOn::no, ""},
    {RunsOn::asked, "as you asked"},
    {RunsOn::no_slack, "no time is left to pause"},
    {RunsOn::not_caught, "it does not catch the signal"},
    {RunsOn::did_not_pause, "it did not end when asked to save"},
    {RunsOn::not_sure, "that shifting gains is not sure"},
    {RunsOn::unled, "nobody can carry its plan out"},
});

template <typename Word, std::size_t N>
constexpr std::string_view find(const std::array<Text<Word>, N>& texts, Word word) {
  for (const auto& [known, text] : texts) {
    if (known == word) return text;
  }
  return {};
}

}  // namespace

std::string_view text_of(Notice notice) { return find(kNotices, notice); }
std::string_view text_of(RunsOn why) { return find(kReasons, why); }
std::string_view in_short(RunsOn why) { return find(kShort, why); }

}  // namespace lowtide::act
