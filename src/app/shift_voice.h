// What the controller of a moved run says on stderr: a line at each change, and, on a terminal,
// while no job runs, one that is kept up to date.
#pragma once

#include <optional>
#include <string>

#include "act/controller.h"
#include "app/terminal.h"
#include "host/tell.h"
#include "record/acts.h"

namespace lowtide::app {

class ShiftVoice {
 public:
  ShiftVoice(bool quiet, std::string name, std::string run, host::NoticeTo notice)
      : quiet_(quiet), name_(std::move(name)), run_(std::move(run)), notice_(std::move(notice)) {}

  void say(const act::ActState& state, act::Notice what, const std::string& why);
  void warn(const Error& error);
  void noted(const act::ActState& state, const record::Transition& transition);
  [[nodiscard]] bool draws() const { return !quiet_ && LiveLine::wanted(); }
  void draw(const act::ActState& state, Utc now);

 private:
  void line(const std::string& text);
  void tell(const std::string& text, Utc now);

  bool quiet_ = false;
  std::string name_;
  std::string run_;
  host::NoticeTo notice_;  // where else it is said
  LiveLine line_;
  std::optional<Utc> rested_;  // since when it is paused
};

}  // namespace lowtide::app
