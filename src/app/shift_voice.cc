#include "app/shift_voice.h"

#include <fmt/format.h>
#include <unistd.h>

#include "app/say.h"
#include "show/shift_text.h"

namespace lowtide::app {

void ShiftVoice::line(const std::string& text) {
  line_.erase();
  app::say(fmt::format("lowtide: {}: {}\n", show::escape(name_), text));
}

void ShiftVoice::say(act::Notice what, const std::string& why) {
  std::string text(spell(what));
  if (!why.empty()) text += " (" + show::escape(why) + ")";
  line(text);
}

void ShiftVoice::warn(const Error& error) {
  line_.erase();
  app::warn(error.line());
}

void ShiftVoice::noted(const act::ActState& state, const record::Transition& transition) {
  if (quiet_) return;
  const std::string text = show::change_line(state, transition.changes, transition.time);
  if (!text.empty()) line(text);
}

// The meter has a line of its own while it lives.
void ShiftVoice::draw(const act::ActState& state, Utc now) {
  if (state.body != act::Body::none || act::is_over(state.phase)) return line_.erase();
  const show::Style style = style_of(STDERR_FILENO);
  const std::string text = show::escape(name_) + " · " + show::shift_line(state, now);
  line_.draw(show::clip(text, show::columns(style) - 1), getpgid(getppid()));
}

}  // namespace lowtide::app
