#include "namenode/ops/lease_rows.h"

#include <string>

#include "namenode/lease/lease_book.h"
#include "namenode/meta/records.h"

namespace cairn::nn {
namespace {

record::Lease leaseOf(const ClientId& client, std::string_view user, UnixMillis nowMs) {
  record::Lease lease;
  lease.set_client(uuidBytes(client));
  lease.set_user(std::string(user));
  lease.set_created_ms(nowMs);
  return lease;
}

}  // namespace

void grantLease(Draft& draft, InodeId file, const ClientId& client, std::string_view user,
                UnixMillis nowMs) {
  draft.insert(Table::LEASE, inodeKey(file), leaseOf(client, user, nowMs));
  draft.noteHolder(file, client);
}

void takeLease(Draft& draft, InodeId file, UnixMillis nowMs, bool exists) {
  auto lease = leaseOf(LeaseBook::NAMENODE, "", nowMs);
  if (exists) {
    draft.update(Table::LEASE, inodeKey(file), std::move(lease));
  } else {
    draft.insert(Table::LEASE, inodeKey(file), std::move(lease));
  }
  draft.noteHolder(file, LeaseBook::NAMENODE);
}

bool isNamenodes(const record::Lease& lease) {
  return uuidFromBytes(lease.client()) == LeaseBook::NAMENODE;
}

}  // namespace cairn::nn
