// The pages of a server by their paths, with a list of them.
// Layer: http.  Threads: one event loop.
#pragma once

#include <kj/function.h>

#include <string>
#include <string_view>
#include <vector>

#include "common/http/response.h"

namespace cairn::http {

struct Page {
  std::string path;     // "/metrics"
  std::string summary;  // for the list
  // Called for each request, on the server's loop: it must not block.
  kj::Function<Response()> answer;
};

class Pages {
public:
  // `title`: the first line of the list, which is the page "/".
  Pages(std::string title, std::vector<Page> pages);

  // A path without a page is answered with the list, too, as NOT_FOUND.
  Response answer(std::string_view path);

private:
  std::string list() const;

  const std::string title_;
  std::vector<Page> pages_;
};

}  // namespace cairn::http
