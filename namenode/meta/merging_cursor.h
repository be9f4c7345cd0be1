// The rows of a table as layers of changes on top of a base make them: the newest layer that
// mentions a row decides, and may say that it is gone. Layer: meta.  Ownership: the overlays
// outlive the cursor and do not change meanwhile. Cost: O(layers) a step, besides the base's.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "namenode/meta/meta_view.h"
#include "namenode/meta/overlay.h"

namespace cairn::nn {

class MergingCursor final : public Cursor {
public:
  // `layers`: newest first; null ones are skipped. `base`: scanFrom() of the same arguments.
  MergingCursor(Table table, std::string_view prefix, std::string_view from,
                std::array<const Overlay*, 3> layers, std::unique_ptr<Cursor> base);

  bool valid() const override { return current_ != NOTHING; }
  std::string_view key() const override;
  std::string_view value() const override;
  void next() override;
  void seek(std::string_view key) override;
  Result<void> status() const override { return base_->status(); }

private:
  // Which source the current row comes from: a layer's index, or one of these.
  static constexpr int BASE = 3;
  static constexpr int NOTHING = 4;

  struct Source {
    const Overlay::Rows* rows = nullptr;
    Overlay::Rows::const_iterator at;
  };
  bool alive(const Source& source) const {
    return source.rows != nullptr && source.at != source.rows->end() &&
           source.at->first.starts_with(prefix_);
  }
  // Settles on the first row that is not removed, from where the sources stand.
  void settle();
  // Moves every source that stands on `key` past it.
  void pass(std::string_view key);

  std::string prefix_;
  std::array<Source, 3> sources_;
  std::unique_ptr<Cursor> base_;
  int current_ = NOTHING;
};

}  // namespace cairn::nn
