#include "bot/app/gallery.hpp"

#include <algorithm>

#include "adapters/sample_platforms.hpp"

namespace xieban::app {

std::vector<GalleryCard> gallery(Lang lang) {
  std::vector<GalleryCard> cards;
  for (const SamplePlatform& on : sample_platforms()) {
    for (const Sample& sample : samples(on.place(), lang)) {
      auto card = std::ranges::find(cards, sample.name, &GalleryCard::name);
      if (card == cards.end()) card = cards.insert(card, GalleryCard{sample.name, {}});
      card->wires.emplace_back(on.name, readable_wire(*on.platform, sample));
    }
  }
  return cards;
}

}  // namespace xieban::app
