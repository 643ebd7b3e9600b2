// One error type and one result type for the whole program.
//
// Result<T> is tl::expected behind an alias (to become std::expected with C++23). The alias cannot
// carry [[nodiscard]], so each function that returns a Result does. Exceptions are for broken
// invariants only; src/app catches them at its edge.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace lowtide {

enum class ErrorKind {
  absent,     // normal: there is no such device, file or source here
  denied,     // a permission is missing; `hint` has the command that grants it
  temporary,  // may work when tried again
  ended,      // normal: the process or device left
  malformed,  // input from outside is not what it should be; `where` names file, line, field
  usage,      // the command line is off
  no_plan,    // nothing that may be done does what was asked for
  internal,   // a broken promise of our own
};

struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string message;  // what happened
  std::string where;    // file:line, option, device; may be empty
  std::string hint;     // what to do next; may be empty

  // "where: message; hint", on one line.
  [[nodiscard]] std::string line() const {
    std::string out = where.empty() ? message : where + ": " + message;
    return hint.empty() ? out : out + "; " + hint;
  }
};

template <typename T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(ErrorKind kind, std::string message, std::string where = {},
                                  std::string hint = {}) {
  return tl::unexpected<Error>(
      Error{kind, std::move(message), std::move(where), std::move(hint)});
}

}  // namespace lowtide
