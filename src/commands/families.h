#pragma once

#include <span>

#include "commands/command.h"

// The rows of each family; command_table.cc joins them. A new family is one file and one line here and there.
namespace baton {

std::span<const CommandRow> ListCommands();           // list_commands.cc: the 16 that do not block
std::span<const CommandRow> BlockingListCommands();   // blocking_list_commands.cc: BLPOP BRPOP BLMOVE BRPOPLPUSH BLMPOP
std::span<const CommandRow> StringCommands();         // string_commands.cc
std::span<const CommandRow> KeyCommands();            // key_commands.cc: DEL RENAME COPY MOVE KEYS SCAN OBJECT ...
std::span<const CommandRow> ExpiryCommands();         // expiry_commands.cc: EXPIRE TTL PERSIST ...
std::span<const CommandRow> DatabaseCommands();       // database_commands.cc: SELECT SWAPDB FLUSHALL DBSIZE
std::span<const CommandRow> TransactionCommands();    // transaction_commands.cc
std::span<const CommandRow> ConnectionCommands();     // connection_commands.cc: PING ECHO AUTH HELLO QUIT RESET
std::span<const CommandRow> ClientCommands();         // client_commands.cc: CLIENT ...
std::span<const CommandRow> IntrospectionCommands();  // introspection_commands.cc: COMMAND ...
std::span<const CommandRow> ServerCommands();         // server_commands.cc: CONFIG SHUTDOWN BGREWRITEAOF WAIT TIME ...
std::span<const CommandRow> InfoCommands();           // info_commands.cc: INFO SLOWLOG MEMORY LATENCY
std::span<const CommandRow> DebugCommands();          // debug_commands.cc
std::span<const CommandRow> AbsentCommands();         // absent_commands.cc: SAVE, ACL ...: known, honestly refused

}  // namespace baton
