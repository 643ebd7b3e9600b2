#include "app/named_places.h"

#include "app/paths.h"

namespace lowtide::app {

const std::string& key_of(const grid::Place& place) {
  return place.region.empty() ? place.zone : place.region;
}

Result<grid::Place> named_place(const std::string& name, const char* flag) {
  auto place = grid::find_place(name, data_folder());
  if (!place && place.error().where.empty()) {  // the name's fault, not a table's
    place.error().kind = ErrorKind::usage;
    place.error().where = flag;
  }
  return place;
}

Result<std::vector<grid::Place>> cloud_places(const std::string& provider) {
  auto places = grid::places_of_provider(provider, data_folder());
  if (!places && places.error().kind == ErrorKind::usage) places.error().where = "--provider";
  return places;
}

}  // namespace lowtide::app
