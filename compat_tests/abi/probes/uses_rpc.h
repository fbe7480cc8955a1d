/* What a program's own header looks like that defines an RPC: the structs and functions that the
 * macros of event2/rpc.h generate must not differ either. */
#ifndef USES_RPC_H
#define USES_RPC_H

#include <event2/http.h>
#include <event2/rpc.h>
#include <event2/rpc_struct.h>

struct request;
struct reply;
EVRPC_HEADER(message, request, reply)

struct uses_event_struct_queues {
  EVRPC_STRUCT(message) * generated;
};

#endif
