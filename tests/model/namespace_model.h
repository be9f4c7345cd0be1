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

struct Chunk {
  std::uint64_t length = 0;  // of one being written: the bytes that are known to be there
  std::uint64_t stored = 0;  // on disk, of one replica, when it was finished last
};

struct Node {
  bool directory = true;
  unsigned mode = 0755;
  std::string owner;
  std::string group;
  std::map<std::string, std::shared_ptr<Node>> children;
  std::map<std::string, std::string> xattrs;
  int level = NO_LEVEL;  // of compression: of a file; of new files below a directory
  unsigned policy = 0;   // of storage
  std::int64_t mtime = 0;
  std::int64_t atime = 0;  // of files
  // Files.
  bool open = false;
  std::string writer;         // the user that has it open; "": the namenode
  std::vector<Chunk> chunks;  // the one being written included
  unsigned replication = 1;
  bool writing = false;    // the last chunk is not committed
  bool cutting = false;    // it is to be cut to the length that it has here
  Node* parent = nullptr;  // null: removed, or the root

  std::uint64_t length() const;
};

// Bits of a mode.
inline constexpr unsigned READ = 4;
inline constexpr unsigned WRITE = 2;
inline constexpr unsigned EXECUTE = 1;
inline constexpr unsigned STICKY = 01000;

class NamespaceModel {
public:
  NamespaceModel();

  // What the namenode should answer at this time: "true" and "false" where it says so, "" of
  // others, or the names of a listing; else the code. A restart and a repetition change nothing.
  Result<std::string> apply(const Operation& operation, std::int64_t nowMs);
  // Everything in the tree, a line an entry, in order.
  std::string dump() const;

private:
  // How far a path exists.
  struct At {
    Node* parent = nullptr;  // the deepest directory above the entry
    bool parentExists = false;
    std::shared_ptr<Node> entry;
    std::vector<std::string> names;
    std::size_t depth = 0;  // of `parent`
    const std::string& name() const { return names.back(); }
  };
  static std::unexpected<Status> no(Code code) { return fail(code, ""); }
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
  void detach(Node& parent, const std::string& name);   // to be put elsewhere
  void discard(Node& parent, const std::string& name);  // for good

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
  Result<std::string> setTimes(const Operation& o);
  Result<std::string> setPolicy(const Operation& o);
  Result<std::string> append(const Operation& o);
  Result<std::string> sync(const Operation& o);
  Result<std::string> truncate(const Operation& o);
  Result<std::string> recoverLease(const Operation& o);
  void finishRecoveries(const Operation& o);
  void close(Node& file);
  void takeSlot(const Operation& o, const std::shared_ptr<Node>& file);
  Result<std::shared_ptr<Node>> existingFile(const std::string& user,
                                             const std::string& path) const;
  Result<std::shared_ptr<Node>> existing(const std::string& user, const std::string& path) const;
  Result<std::string> read(const Operation& o);
  static Result<void> commit(Node& file, const Operation& o);
  Result<std::shared_ptr<Node>> openFile(const Operation& o) const;

  std::int64_t nowMs_ = 0;
  std::shared_ptr<Node> root_;
  struct Slot {
    std::shared_ptr<Node> file;
    std::string user;
  };
  std::map<unsigned, Slot> slots_;
};

// A read moves the time of access when that is further back than this.
inline constexpr std::int64_t ACCESS_PRECISION_MS = 500;

// One line of dump(), also made of what the namenode says.
struct EntryLine {
  std::string path;
  bool directory = false;
  unsigned mode = 0;
  std::string owner;
  std::string group;
  std::uint64_t size = 0;
  std::size_t parts = 0;
  bool open = false;
  int level = NO_LEVEL;
  unsigned replication = 0;  // of files
  unsigned policy = 0;
  std::int64_t mtime = 0;
  std::int64_t atime = 0;

  std::string text() const;
};

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
