// Table summary: of each directory the totals of all that lies below it, kept with every group of
// changes and so as exact and durable as the changes themselves.
// Layer: meta (pure).
//
// How. While a group fills, what each directory gains and loses directly is noted (below.h). When
// the group is closed, the notes are added up the tree as the group leaves it. A directory that was
// moved takes along what its row said before the group: that is taken from the directory it hung
// below and given to the new one; what the group itself changed below it runs up to the new
// ancestors alone. So the order of changes within the group does not matter. What was removed, with
// all below it, cannot be reached from the root any more: nothing runs up from there, and rows of
// directories that are gone go when reclaiming takes the directories out of the tables.
#pragma once

#include "common/base/ids.h"
#include "common/base/result.h"
#include "namenode/meta/meta_view.h"
#include "namenode/meta/overlay.h"

namespace cairn::nn {

// The rows of table summary as they change with `group`, to be written with it. `before`: the
// tables without the group. One look-up of each directory from the changed ones up to the root, and
// of each of their rows. CORRUPT when a row is damaged.
Result<Overlay> foldSummaries(const Overlay& group, const MetaView& before, TxId txid);

}  // namespace cairn::nn
