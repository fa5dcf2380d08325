/* What an event means, in words, for people who read the text format. Names of events and fields
 * are the same in every language. `{step}` in the words stands for the field of that name.
 * X(event, English, 简体中文) */
#ifndef WALKIE_OBS_LOG_WORDS_H
#define WALKIE_OBS_LOG_WORDS_H

#include "obs/log.h"

#define LOG_EVENT_TABLE(X)                                                                         \
    X("http.request", "request received", "收到请求")                                              \
    X("http.response", "answer sent", "已答复")                                                    \
    X("http.disconnect", "the client has left", "客户端已离开")                                    \
    X("http.call", "HTTP call made", "已完成 HTTP 调用")                                           \
    X("http.cancel", "HTTP call stopped", "HTTP 调用已中止")                                       \
    X("rpc.send", "call sent", "已发出调用")                                                       \
    X("rpc.recv", "call received", "收到调用")                                                     \
    X("rpc.admit", "call admitted", "调用已受理")                                                  \
    X("rpc.refuse", "call refused", "调用被拒绝")                                                  \
    X("rpc.end", "call ended", "调用结束")                                                         \
    X("flight.join", "call shares a run", "调用共享一次执行")                                      \
    X("flight.leave", "call leaves the shared run", "调用离开共享执行")                            \
    X("flight.end", "shared run ended", "共享执行结束")                                            \
    X("rpc.connect", "a peer has connected", "对端已连接")                                         \
    X("rpc.disconnect", "a peer has left", "对端已断开")                                           \
    X("rpc.connected", "connected", "已连接服务")                                                  \
    X("rpc.lost", "connection lost", "连接已断开")                                                 \
    X("rpc.goaway", "the peer drains", "对端正在排空")                                             \
    X("rpc.dial_failed", "cannot connect", "无法连接")                                             \
    X("rpc.healthy", "the peer is well again", "对端已恢复")                                       \
    X("rpc.unhealthy", "the peer is not well", "对端状态异常")                                     \
    X("rpc.retry", "call made again", "重试调用")                                                  \
    X("rpc.resolved", "addresses found", "已解析地址")                                             \
    X("rpc.resolve_failed", "no addresses", "无法解析地址")                                        \
    X("http.accept_paused", "no room for connections", "暂停接受连接")                             \
    X("rpc.protocol_error", "a peer broke the protocol", "对端违反协议")                           \
    X("rpc.tls_failed", "no TLS with a peer", "与对端建立 TLS 失败")                               \
    X("http.tls_failed", "no TLS with a client", "与客户端的 TLS 握手失败")                        \
    X("tls.expired", "a certificate has expired", "证书已过期")                                    \
    X("tls.reloaded", "the certificate was read again", "证书已重新读取")                          \
    X("tls.reload_failed", "the new certificate is not used", "未采用新证书")                      \
    X("tls.expires", "a certificate expires soon", "证书即将过期")                                 \
    X("tls.stranger", "a certificate of another authority", "证书由其他机构签发")                  \
    X("auth.refuse", "request refused", "请求被拒绝")                                              \
    X("auth.reload", "tokens and keys were read again", "令牌与密钥已重新读取")                    \
    X("auth.reload_failed", "tokens and keys stay as they were", "令牌与密钥保持不变")             \
    X("access_log.failed", "the access log cannot be written", "访问日志无法写入")                 \
    X("access_log.reopen_failed", "the access log stays as it was", "访问日志未重新打开")          \
    X("rpc.peer_lost", "a peer is gone", "对端已失联")                                             \
    X("db.query", "statement run", "已执行语句")                                                   \
    X("db.cancel", "statement stopped", "语句已中止")                                              \
    X("source.fetch", "source read", "已读取数据源")                                               \
    X("ctx.done", "told to stop", "收到停止通知")                                                  \
    X("ctx.stopped", "work has stopped", "任务已停止")                                             \
    X("ctx.deaf", "work does not listen", "任务未响应停止通知")                                    \
    X("ctx.detached", "a call without its context", "调用未继承上下文")                            \
    X("ctx.leaked", "a scope was not released", "上下文未释放")                                    \
    X("report.section", "section built", "章节已生成")                                             \
    X("job.budget", "time for a phase of a job", "任务阶段的时间预算")                             \
    X("report.done", "report made", "报告已生成")                                                  \
    X("epro.step", "a step of the processing", "处理步骤完成")                                     \
    X("epro.done", "responses of a patient processed", "患者答卷处理成功")                         \
    X("epro.stopped", "stopped at step {step} of 5, nothing was stored",                           \
        "任务被取消，未写入任何数据，已处理到第 {step} 步")                                        \
    X("epro.failed", "failed at step {step} of 5, nothing was stored",                             \
        "处理失败，未写入任何数据，已处理到第 {step} 步")                                          \
    X("epro.again", "changed by somebody else meanwhile: begun again",                             \
        "数据已被他人修改，重新处理")                                                              \
    X("crf.done", "forms checked", "表单核查完成")                                                 \
    X("operation.begin", "operation begun", "操作已开始")                                          \
    X("operation.end", "operation ended", "操作已结束")                                            \
    X("operation.not_kept", "a result cannot be kept", "结果无法保存")                             \
    X("operation.lost", "an operation's gateway is gone", "操作所在网关已消失")                    \
    X("operation.expired", "a result is not kept any more", "结果已过期")                          \
    X("operation.swept", "a file nobody knows was removed", "已清除无主文件")                      \
    X("operation.damaged", "a result's file is damaged", "结果文件已损坏")                         \
    X("operation.none", "no operations are kept", "不保存操作")                                    \
    X("operation.store_lost", "the store of operations does not answer", "操作存储无响应")         \
    X("operation.store_back", "the store of operations answers again", "操作存储已恢复")           \
    X("document.glyphs_missing", "no font has some characters", "部分字符无可用字体")              \
    X("service.ready", "ready", "已就绪")                                                          \
    X("service.draining", "draining", "正在排空")                                                  \
    X("service.stopped", "stopped", "已停止")                                                      \
    X("service.failed", "cannot start", "无法启动")                                                \
    X("db.stuck", "a database does not let go of a connection", "数据库未释放连接")                \
    X("source.away", "a database is not there yet", "数据库尚不可用")                              \
    X("source.read_only", "a database can only be read", "数据库只读")                             \
    X("source.there", "a database is there now", "数据库已可用")                                   \
    X("service.faults", "faults are on", "已启用故障注入")                                         \
    X("otlp.failed", "traces do not reach the collector", "追踪数据无法送达采集器")                \
    X("otlp.works", "traces reach the collector again", "追踪数据已恢复送达")                      \
    X("service.reload", "cannot reload", "无法重新加载")

/* The words of an event, "" for one without a row; of a level ("INFO ", padded). Static storage. */
const char *log_event_words(const char *event, enum log_language language);
const char *log_level_word(enum log_level level, enum log_language language);

#endif
