// The namespace as it should be, in the simplest way that can be written down: a tree of nodes in
// memory. Its rules are HDFS's, restated here independently of the namenode's code.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "tests/model/operation.h"

namespace cairn::model {

struct Node {
  bool directory = true;
  unsigned mode = 0755;
  std::string owner;
  std::string group;
  std::map<std::string, std::shared_ptr<Node>> children;
  std::map<std::string, std::string> xattrs;
  int level = NO_LEVEL;  // of compression: of a file; of new files below a directory
  // Files.
  std::uint64_t readMs = 0;  // when it was read last, as far as that is noted
  bool open = false;
  std::string writer;             // the user that has it open
  std::vector<unsigned> lengths;  // of committed chunks
  unsigned replication = 1;
  bool writing = false;    // one more chunk, not committed
  Node* parent = nullptr;  // null: removed, or the root

  std::uint64_t length() const;
};

class NamespaceModel {
public:
  NamespaceModel();

  // What the namenode should answer: "true" and "false" of mkdirs and remove, "" of others, or the
  // names of a listing; else the code.
  Result<std::string> apply(const Operation& operation);
  // Everything in the tree, a line an entry, in order.
  std::string dump() const;

private:
  struct At;
  static std::vector<std::string> split(const std::string& path);
  Result<At> walk(const std::string& user, const std::string& path) const;
  static bool isIn(const std::string& user, const std::string& group);
  static bool may(const std::string& user, const Node& node, unsigned bits);
  static bool maySticky(const std::string& user, const Node& parent, const Node& entry);
  static bool mayRemoveBelow(const std::string& user, const Node& top);
  std::shared_ptr<Node> add(Node& parent, const std::string& name, const std::string& user,
                            unsigned mode);
  Node& makeParents(const At& at, const std::string& user, unsigned mode);
  bool reachable(const Node& node) const;
  static void detach(Node& parent, const std::string& name);   // to be put elsewhere
  static void discard(Node& parent, const std::string& name);  // for good

  Result<std::string> mkdirs(const Operation& o);
  Result<std::string> create(const Operation& o);
  Result<std::string> addChunk(const Operation& o);
  Result<std::string> abandon(const Operation& o);
  Result<std::string> complete(const Operation& o);
  Result<std::string> remove(const Operation& o);
  Result<std::string> rename(const Operation& o);
  Result<std::string> setPermission(const Operation& o);
  Result<std::string> setOwner(const Operation& o);
  Result<std::string> setReplication(const Operation& o);
  Result<std::string> setCompression(const Operation& o);
  Result<std::string> setXAttr(const Operation& o);
  Result<std::string> removeXAttr(const Operation& o);
  static bool mayChangeXAttr(const std::string& user, const std::string& name, const Node& node);
  Result<std::string> concat(const Operation& o);
  Result<std::shared_ptr<Node>> existing(const std::string& user, const std::string& path) const;
  Result<std::string> read(const Operation& o);
  Result<void> commit(Node& file, unsigned length);
  Result<std::shared_ptr<Node>> openFile(const Operation& o) const;

  std::shared_ptr<Node> root_;
  std::uint64_t nowMs_ = 0;
  struct Slot {
    std::shared_ptr<Node> file;
    std::string user;
  };
  std::map<unsigned, Slot> slots_;
};

// One line of dump(), also made of what the namenode says.
std::string entryLine(const std::string& path, bool directory, unsigned mode,
                      const std::string& owner, const std::string& group, std::uint64_t size,
                      std::size_t parts, bool open, int level, std::uint64_t readMs);

// A read moves the time of access when that is further back than this.
inline constexpr std::uint64_t ACCESS_PRECISION_MS = 500;

// What contentSummary answers of a file or of a tree, counted entry by entry.
struct Summary {
  std::uint64_t files = 0;
  std::uint64_t directories = 0;
  std::uint64_t length = 0;
  std::uint64_t space = 0;
  std::uint64_t stored = 0;
  std::uint64_t storedSpace = 0;

  std::string text() const;
};
// Bytes on disk of a replica of a chunk, as the writers of these tests report them.
inline std::uint64_t storedBytes(std::uint64_t length) { return length / 2 + 1; }

}  // namespace cairn::model
