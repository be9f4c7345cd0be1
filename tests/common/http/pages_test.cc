#include "common/http/pages.h"

#include <gtest/gtest.h>

namespace cairn::http {
namespace {

// Protects whoever does not know the paths: "/" and every wrong path list them.
TEST(PagesTest, AreListed) {
  std::vector<Page> pages;
  pages.push_back({"/one", "the first", []() { return Response{.body = "1"}; }});
  pages.push_back({"/two", "the second", []() {
                     return Response{.status = StatusCode::SERVICE_UNAVAILABLE, .body = "2"};
                   }});
  Pages site("cairn test", std::move(pages));
  const std::string list = "cairn test\n\n/one  the first\n/two  the second\n";
  EXPECT_EQ(site.answer("/").status, StatusCode::OK);
  EXPECT_EQ(site.answer("/").body, list);
  EXPECT_EQ(site.answer("/one").body, "1");
  EXPECT_EQ(site.answer("/two").status, StatusCode::SERVICE_UNAVAILABLE);
  for (const auto* wrong : {"/on", "/one/", "/three", ""}) {
    EXPECT_EQ(site.answer(wrong).status, StatusCode::NOT_FOUND) << wrong;
    EXPECT_EQ(site.answer(wrong).body, "There is no such page.\n\n" + list) << wrong;
  }
}

}  // namespace
}  // namespace cairn::http
