#include "grid/import_header.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "base/quote.h"
#include "grid/table.h"

namespace lowtide::grid {
namespace {

using Names = std::vector<std::string>;

tl::unexpected<Error> ask(std::string what, const std::string& where, std::string hint) {
  return fail(ErrorKind::usage, std::move(what), where, std::move(hint));
}

// Whether the line is a row and no header: its fields are numbers or times.
bool looks_like_a_row(const Names& names) {
  return std::any_of(names.begin(), names.end(), [](const std::string& name) {
    return read_number(name) || parse_utc(name) || has_two_orders(name);
  });
}

// Why a line is no header of a table.
std::optional<Error> no_header(const Names& names, const std::string& path) {
  const std::string where = path + ":1";
  const std::string& first = names.front();
  if (first.starts_with('{') || first.starts_with('[')) {
    return Error{ErrorKind::malformed, "this is JSON and no table", where,
                 "write it as CSV; a provider's answers are kept by lowtide grid fetch"};
  }
  if (first.starts_with('<')) {
    return Error{ErrorKind::malformed, "this is a page of HTML and no table", where,
                 "download the file itself"};
  }
  const std::string_view odd = ";\t|";
  if (names.size() == 1 && first.find_first_of(odd) != std::string::npos) {
    return Error{ErrorKind::malformed, "the columns are not separated by commas", where,
                 "write it with commas, and with points in the numbers"};
  }
  if (looks_like_a_row(names)) {
    return Error{ErrorKind::malformed, "the first line is a row and names no columns", where,
                 "add a first line such as time,g_per_kwh"};
  }
  return std::nullopt;
}

std::optional<Scope> scope_in_name(const std::string& path) {
  const std::string name = path.substr(path.rfind('/') + 1);
  const bool direct = name.find("direct") != std::string::npos;
  const bool lifecycle = name.find("lifecycle") != std::string::npos;
  if (direct == lifecycle) return std::nullopt;
  return direct ? Scope::direct : Scope::lifecycle;
}

class Reader {
 public:
  Reader(const Names& names, const std::string& path, const ImportWish& wish)
      : names_(names), path_(path), wish_(wish), form_(form_of(names)) {}

  Result<ImportHeader> read() {
    if (auto trouble = no_header(names_, path_)) return tl::unexpected(std::move(*trouble));
    out_.width = names_.size();
    auto done = form_ != nullptr ? by_form() : by_flags();
    if (done) done = settle_all();
    if (done) done = check_zone();
    if (!done) return tl::unexpected(std::move(done.error()));
    list_ignored();
    return std::move(out_);
  }

 private:
  std::string where() const { return path_ + ":1"; }

  // The columns of the form that are there; those that the user does not want are left out.
  Result<void> by_form() {
    out_.form = form_->name;
    out_.rule = form_->rule;
    out_.time = column_at(names_, form_->time);
    if (!form_->zone.empty()) out_.zone = column_at(names_, form_->zone);
    if (!form_->estimated.empty()) out_.estimated = column_at(names_, form_->estimated);
    for (const FormColumn& column : form_->columns) {
      const auto at = column.name.empty() ? std::nullopt : column_at(names_, column.name);
      if (at) known_.emplace_back(*at, column);
    }
    if (!wish_.column.empty()) return one_column();
    return {};
  }

  // No form: one column that the user names, or the only one there is beside the time.
  Result<void> by_flags() {
    out_.form = "no known form";
    out_.time = time_column_of(names_);
    if (!out_.time) {
      out_.rule = TimeRule::none;
      if (wish_.times.begin.empty()) {
        return ask("this header is of no known form, and no column is called time", where(),
                   "rename the column of the time to time; rows without one need --begin and "
                   "--step");
      }
    }
    if (!wish_.column.empty()) return one_column();
    std::vector<std::string> candidates;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (i == out_.time || names_[i].empty()) continue;
      candidates.push_back(names_[i]);
      known_ = {{i, FormColumn{}}};
    }
    if (candidates.size() == 1) return {};
    return ask("this header is of no known form", where(),
               candidates.empty()
                   ? "it needs a column with values beside the time"
                   : fmt::format("say which column is the intensity with --column: {}",
                                 fmt::join(candidates, ", ")));
  }

  Result<void> one_column() {
    const auto at = column_at(names_, wish_.column);
    if (!at || at == out_.time) {
      return ask(fmt::format("no column {} of values", in_quotes(wish_.column)), where(),
                 fmt::format("there are {}", fmt::join(names_, ", ")));
    }
    const auto known = std::find_if(known_.begin(), known_.end(),
                                    [&](const auto& each) { return each.first == *at; });
    const FormColumn column = known == known_.end() ? FormColumn{} : known->second;
    known_ = {{*at, column}};
    return {};
  }

  // A column whose signal or scope is not the one that the user wants is left out.
  bool wanted(const FormColumn& column) const {
    const bool other_signal = wish_.signal && column.signal && *column.signal != *wish_.signal;
    return !other_signal && !(wish_.scope && column.scope && *column.scope != *wish_.scope);
  }

  Result<void> settle_all() {
    for (const auto& [at, column] : known_) {
      if (!wanted(column)) continue;
      if (auto done = settle(at, column); !done) return done;
    }
    if (!out_.columns.empty()) return {};
    std::string what = out_.form + " has no";
    if (wish_.scope) fmt::format_to(std::back_inserter(what), " {}", spell(*wish_.scope));
    if (wish_.signal) fmt::format_to(std::back_inserter(what), " {}", spell(*wish_.signal));
    return ask(what + " intensity", where(),
               "leave --signal and --scope out to import what it has");
  }

  Result<void> settle(std::size_t at, const FormColumn& column) {
    ImportColumn out;
    out.name = names_[at];
    out.at = at;
    out.key.provider = kImport;
    out.key.zone = wish_.zone;
    const std::string place = fmt::format("{}, field {}", where(), out.name);
    if (auto done = settle_unit(out, column, place); !done) return done;
    const auto signal = wish_.signal ? wish_.signal : column.signal;
    if (!signal) {
      return ask("the header does not say whether this is average or marginal", place,
                 "give --signal average or --signal marginal");
    }
    out.key.signal = *signal;
    if (auto done = settle_scope(out, column, place); !done) return done;
    out_.columns.push_back(std::move(out));
    return {};
  }

  Result<void> settle_unit(ImportColumn& out, const FormColumn& column, const std::string& place) {
    const auto own = column.unit.empty() ? std::nullopt : std::optional(*parse_unit(column.unit));
    if (!own && !wish_.unit) {
      return ask("the header does not say the unit", place,
                 "give --unit gCO2eq/kWh, kg/MWh, lb/MWh, ..");
    }
    out.unit = wish_.unit ? *wish_.unit : *own;
    if (own && own->g_per_kwh != out.unit.g_per_kwh) {
      out_.notes.push_back(fmt::format("the unit is {} by --unit; of {} it is {}", out.unit.text,
                                       out_.form, own->text));
    }
    settle_gas(out, own);
    return {};
  }

  void settle_gas(ImportColumn& out, const std::optional<ImportUnit>& own) {
    auto said = wish_.gas;
    if (!said) said = out.unit.gas;
    if (!said && own) said = own->gas;
    if (!said) out_.notes.emplace_back("nothing says the gas: taken as CO2e (--gas co2 if not)");
    out.key.gas = said.value_or(Gas::co2e);
  }

  Result<void> settle_scope(ImportColumn& out, const FormColumn& column, const std::string& place) {
    out.key.scope = wish_.scope ? wish_.scope : column.scope;
    if (out.key.scope) return {};
    if (form_ != nullptr && form_->scope_by_name) {
      out.key.scope = scope_in_name(path_);
      if (!out.key.scope) {
        return ask("neither the header nor the file's name says the scope", place,
                   "give --scope direct or --scope lifecycle");
      }
      out_.notes.push_back(
          fmt::format("the scope is {}: by the file's name", spell(*out.key.scope)));
      return {};
    }
    out_.notes.emplace_back("nothing says the scope: kept as not said (--scope to say it)");
    return {};
  }

  Result<void> check_zone() {
    if (!wish_.needs_zone || !wish_.zone.empty() || out_.zone) return {};
    return ask("the file does not say the zone", path_, "give --zone, as --location has it");
  }

  void list_ignored() {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const bool used = i == out_.time || i == out_.zone || i == out_.estimated ||
                        std::any_of(out_.columns.begin(), out_.columns.end(),
                                    [&](const ImportColumn& column) { return column.at == i; });
      if (!used) out_.ignored.push_back(names_[i].empty() ? "(unnamed)" : names_[i]);
    }
  }

  const Names& names_;
  const std::string& path_;
  const ImportWish& wish_;
  const ImportForm* form_;
  std::vector<std::pair<std::size_t, FormColumn>> known_;
  ImportHeader out_;
};

}  // namespace

Result<ImportHeader> read_header(const std::vector<std::string>& names, const std::string& path,
                                 const ImportWish& wish) {
  return Reader(names, path, wish).read();
}

}  // namespace lowtide::grid
