#include "namenode/ops/register_datanode.h"

#include "namenode/meta/records.h"

namespace cairn::nn {

Result<Outcome> registerDatanode(Draft& draft, const DatanodeSeen& seen, UnixMillis nowMs) {
  const Key key = datanodeKey(seen.node);
  ASSIGN(const auto before, readRow<record::Datanode>(draft, Table::SYS, key));
  if (before.has_value() && before->address() == seen.address && before->socket() == seen.socket &&
      before->machine() == seen.machine && before->rack() == seen.rack &&
      uuidFromBytes(before->uuid()) == seen.uuid) {
    return Outcome();
  }
  record::Datanode row;
  row.set_node(seen.node.value);
  row.set_uuid(uuidBytes(seen.uuid));
  row.set_address(seen.address);
  row.set_socket(seen.socket);
  row.set_machine(seen.machine);
  row.set_rack(seen.rack);
  row.set_registered_ms(before.has_value() ? before->registered_ms() : nowMs);
  if (before.has_value()) {
    draft.update(Table::SYS, key, std::move(row));
  } else {
    draft.insert(Table::SYS, key, std::move(row));
  }
  return Outcome();
}

}  // namespace cairn::nn
