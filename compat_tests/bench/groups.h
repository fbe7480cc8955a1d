// Every group of benchmarks; each is the file of the same name.
#pragma once

#include "bench.h"

namespace bench {

void add_active_benchmarks(Table& table);
void add_buffer_benchmarks(Table& table);
void add_bufferevent_benchmarks(Table& table);
void add_bulk_benchmarks(Table& table);
void add_dns_benchmarks(Table& table);
void add_echo_benchmarks(Table& table);
void add_http_benchmarks(Table& table);
void add_http_client_benchmarks(Table& table);
void add_io_benchmarks(Table& table);
void add_loop_benchmarks(Table& table);
void add_rpc_benchmarks(Table& table);
void add_tag_benchmarks(Table& table);
void add_thread_benchmarks(Table& table);
void add_tls_benchmarks(Table& table);
void add_tls_handshake_benchmarks(Table& table);
void add_timer_benchmarks(Table& table);

inline Table all_benchmarks() {
  Table table;
  add_loop_benchmarks(table);
  add_io_benchmarks(table);
  add_active_benchmarks(table);
  add_timer_benchmarks(table);
  add_thread_benchmarks(table);
  add_buffer_benchmarks(table);
  add_bufferevent_benchmarks(table);
  add_echo_benchmarks(table);
  add_bulk_benchmarks(table);
  add_dns_benchmarks(table);
  add_tag_benchmarks(table);
  add_rpc_benchmarks(table);
  add_http_benchmarks(table);
  add_http_client_benchmarks(table);
#ifdef BENCH_TLS
  add_tls_benchmarks(table);
  add_tls_handshake_benchmarks(table);
#endif
  return table;
}

}  // namespace bench
