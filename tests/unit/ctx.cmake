walkie_test(ctx_tree SOURCES ctx_tree.c LINK walkie_ctx)
walkie_test(ctx_time SOURCES ctx_time.c LINK walkie_ctx)
walkie_test(ctx_after SOURCES ctx_after.c LINK walkie_ctx)
