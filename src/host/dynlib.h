// The door to a shared library that may not be there: loaded at run time, never linked.
// A missing library or symbol is an Error absent, never the end of the program.
#pragma once

#include <string>

#include "base/result.h"

namespace lowtide::host {

class DynamicLibrary {
 public:
  // Found by the system's own search (LD_LIBRARY_PATH works).
  [[nodiscard]] static Result<DynamicLibrary> open(const std::string& name);

  // nullptr when the library has no such symbol.
  template <typename Function>
  [[nodiscard]] Function* find(const char* symbol) const {
    return reinterpret_cast<Function*>(address(symbol));
  }

  // The file that this symbol comes from; empty when there is none.
  [[nodiscard]] std::string file_of(const char* symbol) const;

 private:
  explicit DynamicLibrary(void* handle) : handle_(handle) {}
  [[nodiscard]] void* address(const char* symbol) const;
  // Never closed: a vendor library may own threads, and a reader may hang inside it.
  void* handle_;
};

}  // namespace lowtide::host
