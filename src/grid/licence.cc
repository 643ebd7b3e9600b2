#include "grid/licence.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "grid/client.h"
#include "grid/typical.h"

namespace lowtide::grid {
namespace {

constexpr const char* kName = "name it with the figures";

struct Terms {
  std::string_view source;
  std::string_view text;
  std::optional<bool> restricted;
};

// Sources that ask more than their name (the publishers' own pages, November 2026).
constexpr auto kTerms = std::to_array<Terms>({
    {"typical", "name it with the figures; a database made from it is under the ODbL too", false},
    {"watttime", "for the account's own use: the figures are not to be passed on", true},
    {"electricitymaps", "what its API says is not to be passed on", true},
    {"entsoe", "name it with the figures; CC BY 4.0 is not stated for all of them", std::nullopt},
    {"carbonawaresdk", "its licence is that of the source behind it, which lowtide does not know",
     std::nullopt},
    {"import", "the licence is that of the files, which lowtide does not know", std::nullopt},
    {"file", "the licence is that of the file, which lowtide does not know", std::nullopt},
    {"constant", {}, false},
});

// The provider's own words; nothing is asked of it.
std::string text_of(const ClientKind& kind, const std::string& data_dir) {
  Access access;
  access.url = kind.url;
  return kind.open(access, {}, data_dir)->facts().licence;
}

}  // namespace

Licence licence_of(const std::string& source, const IntensityUsed& used,
                   const std::string& data_dir) {
  Licence licence{used.licence, {}, false};
  if (source == "typical") licence.text = kTypicalLicence;
  if (const ClientKind* kind = find_client(source)) licence.text = text_of(*kind, data_dir);
  const auto own = std::find_if(kTerms.begin(), kTerms.end(),
                                [&](const Terms& terms) { return terms.source == source; });
  if (own != kTerms.end()) {
    licence.terms = own->text;
    licence.restricted = own->restricted;
    if (source == "import" || source == "file" || source == "constant") licence.text.clear();
  } else if (!licence.text.empty()) {
    licence.terms = kName;
  }
  return licence;
}

}  // namespace lowtide::grid
