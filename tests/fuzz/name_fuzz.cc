// Names and paths: of replicas' files, the identity file and the note of scrubbing as a datanode
// finds them on its disks;
// paths, names and attributes as clients send them to the namenode. What is accepted is exactly
// what is written, or what a path is made of.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "datanode/scrub/scrub_note.h"
#include "datanode/store/replica_name.h"
#include "datanode/store/volume_identity.h"
#include "namenode/ops/path.h"
#include "namenode/ops/xattrs.h"

namespace cairn {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void onDatanode(std::string_view text) {
  if (const auto key = dn::parseRbwName(text)) require(dn::rbwNameOf(*key) == text);
  if (const auto name = dn::parseFinalName(text)) require(dn::finalNameOf(*name) == text);
  if (const auto note = dn::decodeScrubNote(text)) require(dn::encode(*note) == text);
  // Its ids may be written in capitals.
  if (const auto identity = dn::decodeIdentity(text)) {
    const auto written = dn::encode(*identity);
    const auto again = dn::decodeIdentity(written);
    require(again.has_value() && dn::encode(*again) == written);
  }
}

void onNamenode(std::string_view text) {
  const auto path = nn::Path::parse(text);
  if (path.has_value()) {
    require(path->text() == text && nn::isUtf8(text));
    std::string joined;
    for (std::size_t i = 0; i < path->depth(); ++i) {
      const auto component = path->component(i);
      require(!component.empty() && component != "." && component != "..");
      require(component.find_first_of(std::string_view("/\0", 2)) == std::string_view::npos);
      joined += '/';
      joined += component;
      require(path->prefix(i + 1) == joined);
    }
    require((joined.empty() ? "/" : joined) == text);
  }
  (void)nn::checkName(text, "/d");
  (void)nn::parseXAttrName(text);
}

}  // namespace
}  // namespace cairn

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  cairn::onDatanode(text);
  cairn::onNamenode(text);
  return 0;
}
