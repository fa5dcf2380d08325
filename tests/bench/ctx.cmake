add_executable(ctx_bench ctx_bench.c)
target_link_libraries(ctx_bench PRIVATE walkie_flags walkie_ctx)
