#include "common/http/pages.h"

#include <algorithm>
#include <utility>

namespace cairn::http {

Pages::Pages(std::string title, std::vector<Page> pages)
    : title_(std::move(title)), pages_(std::move(pages)) {}

Response Pages::answer(std::string_view path) {
  const auto found = std::ranges::find(pages_, path, &Page::path);
  if (found != pages_.end()) return found->answer();
  if (path == "/") return {.body = list()};
  return {.status = StatusCode::NOT_FOUND, .body = "There is no such page.\n\n" + list()};
}

std::string Pages::list() const {
  std::string text = title_ + "\n\n";
  for (const auto& page : pages_) text += page.path + "  " + page.summary + "\n";
  return text;
}

}  // namespace cairn::http
