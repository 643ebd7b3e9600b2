#include "app/shift_voice.h"

#include <fmt/format.h>
#include <unistd.h>

#include "app/say.h"
#include "host/clock.h"
#include "show/shift_text.h"

namespace lowtide::app {

void ShiftVoice::line(const std::string& text) {
  line_.erase();
  app::say(fmt::format("lowtide: {}: {}\n", show::escape(name_), text));
}

void ShiftVoice::say(const act::ActState& state, act::Notice what, const std::string& why) {
  const Utc now = host::SystemClock().utc();
  std::string text = show::notice_line(state, what, now);
  if (!why.empty()) text += " (" + show::escape(why) + ")";
  line(text);
  tell(text, now);
}

// What cannot be told there was said here.
void ShiftVoice::tell(const std::string& text, Utc now) {
  static_cast<void>(host::tell(notice_, {run_, name_, text, now}));
}

void ShiftVoice::warn(const Error& error) {
  line_.erase();
  app::warn(error.line());
}

void ShiftVoice::noted(const act::ActState& state, const record::Transition& transition) {
  if (("," + transition.changes + ",").find(",paused,") != std::string::npos) {
    rested_ = transition.time;
  }
  const std::string text = show::change_line(state, transition.changes, transition.time);
  if (text.empty()) return;
  if (!quiet_) line(text);
  tell(text, transition.time);
}

// The meter has a line of its own while it lives.
void ShiftVoice::draw(const act::ActState& state, Utc now) {
  if (state.body != act::Body::none || act::is_over(state.phase)) return line_.erase();
  const show::Style style = style_of(STDERR_FILENO);
  const std::string text = show::escape(name_) + " · " + show::shift_line(state, now, {rested_});
  line_.draw(show::clip(text, show::columns(style) - 1), getpgid(getppid()));
}

}  // namespace lowtide::app
