// Power curves whose energy is known exactly: the truth that the rig's sensors report and its
// tests compare against.
//
// A curve is made of straight pieces: `lead` runs once, then `loop` repeats for ever (or, with
// no loop, the curve falls back to `idle`). Before its start it is idle. Every curve of the rig
// (flat, ramp, square, spike, training-like, list) is such a set of pieces, so one closed form
// serves all: whole loops times the energy of a loop, plus a prefix sum, plus one trapezoid.
//
// Units: seconds of curve time (0 = the curve's start), watts, joules. Owner: values, no threads.
// The rig uses raw doubles and nothing from src/ on purpose: it must not share a bug with what
// it checks. rig/curve.py is a second, independent implementation (a formula for each shape).
#ifndef LOWTIDE_RIG_CURVE_H_
#define LOWTIDE_RIG_CURVE_H_

#include <cmath>
#include <optional>
#include <string>
#include <vector>

namespace lowtide::rig {

struct Piece {
  double seconds;
  double begin_w;
  double end_w;
};

// A run of pieces with its prefix sums.
class Pieces {
 public:
  Pieces() = default;
  explicit Pieces(const std::vector<Piece>& pieces) {
    for (const Piece& piece : pieces) {
      if (piece.seconds <= 0) continue;
      pieces_.push_back(piece);
      starts_.push_back(seconds_);
      sums_.push_back(joules_);
      seconds_ += piece.seconds;
      joules_ += piece.seconds * (piece.begin_w + piece.end_w) / 2;
    }
  }

  bool empty() const { return pieces_.empty(); }
  double seconds() const { return seconds_; }
  double joules() const { return joules_; }

  // Energy of the first `at` seconds; 0 <= at <= seconds().
  double joules_until(double at) const {
    if (empty()) return 0;
    const size_t i = index_at(at);
    const double into = at - starts_[i];
    return sums_[i] + into * (pieces_[i].begin_w + watts_in(i, into)) / 2;
  }

  double watts_at(double at) const {
    const size_t i = index_at(at);
    return watts_in(i, at - starts_[i]);
  }

 private:
  size_t index_at(double at) const {
    size_t i = 0;
    while (i + 1 < starts_.size() && starts_[i + 1] <= at) ++i;
    return i;
  }
  double watts_in(size_t i, double into) const {
    const Piece& piece = pieces_[i];
    return piece.begin_w + (piece.end_w - piece.begin_w) * into / piece.seconds;
  }

  std::vector<Piece> pieces_;
  std::vector<double> starts_;  // seconds before piece i
  std::vector<double> sums_;    // joules before piece i
  double seconds_ = 0;
  double joules_ = 0;
};

class Curve {
 public:
  Curve() = default;
  Curve(double idle_w, const std::vector<Piece>& lead, const std::vector<Piece>& loop)
      : idle_w_(idle_w), lead_(lead), loop_(loop) {}

  double idle_w() const { return idle_w_; }
  void set_idle_w(double idle_w) { idle_w_ = idle_w; }

  double watts(double at) const {
    if (at < 0) return idle_w_;
    if (at < lead_.seconds()) return lead_.watts_at(at);
    if (loop_.empty()) return idle_w_;
    return loop_.watts_at(std::fmod(at - lead_.seconds(), loop_.seconds()));
  }

  // The integral from 0 to `at`; negative before the start (idle power).
  double joules_until(double at) const {
    if (at <= 0) return idle_w_ * at;
    if (at < lead_.seconds()) return lead_.joules_until(at);
    const double after = at - lead_.seconds();
    if (loop_.empty()) return lead_.joules() + idle_w_ * after;
    const double whole = std::floor(after / loop_.seconds());
    const double rest = std::fmax(0, after - whole * loop_.seconds());
    return lead_.joules() + whole * loop_.joules() + loop_.joules_until(rest);
  }

  double joules(double begin, double end) const { return joules_until(end) - joules_until(begin); }

 private:
  double idle_w_ = 0;
  Pieces lead_;
  Pieces loop_;
};

// Builds a curve from the words of a script line: `flat 300`, `square 50 400 2 0.5 0.25`, ..
// (docs/rig.md lists them). Nothing when the words are not a curve.
std::optional<Curve> parse_curve(const std::vector<std::string>& words);

}  // namespace lowtide::rig

#endif  // LOWTIDE_RIG_CURVE_H_
