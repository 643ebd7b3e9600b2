// Tells the user of a run where they are not looking at the terminal: a note on the desktop, or a
// POST to an address of theirs.
//
// In a process that belongs to nobody (host/detached.h), so that no desktop and no server holds
// anything up: whether it arrives nobody here hears. To be called while there is one thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace lowtide::host {

// The setting `notice`.
struct NoticeTo {
  enum class Kind { none, desktop, webhook };
  Kind kind = Kind::none;
  std::string url = {};  // may hold a key: never printed
  bool operator==(const NoticeTo&) const = default;
};
// `none`, `desktop`, or a URL of http or https. Error usage otherwise; it does not repeat the text.
[[nodiscard]] Result<NoticeTo> parse_notice_to(std::string_view text);

struct News {
  std::string run;   // id of the record
  std::string name;  // of the run; may be empty
  std::string what;  // one line
  Utc time{};
};

// A webhook gets {"run","name","what","time"}, with time in ISO 8601; tried again for a minute
// while it cannot be reached. Errors: absent (a desktop without notify-send), temporary (no process
// could be made).
[[nodiscard]] Result<void> tell(const NoticeTo& to, const News& news);

}  // namespace lowtide::host
