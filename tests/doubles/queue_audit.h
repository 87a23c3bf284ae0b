#pragma once

#include <string>

#include "server/server.h"

namespace baton {

// What is wrong between the records of managed queues, the lists that they speak of and the accounts; empty when
// nothing is. Looks at everything, one element at a time, and shares no index with the book.
std::string AuditQueues(Server& server);

// Policies as QPOLICY SET takes them, one line each.
std::string DescribePolicies(Server& server);
// Accounts and records, one line each in an order of their own: equal before and after a restart. What a
// restart may change is left out: when leases end, who holds them.
std::string DescribeQueues(Server& server);

}  // namespace baton
