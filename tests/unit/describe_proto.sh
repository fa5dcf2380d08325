#!/bin/sh
# describe_proto.sh PROTOC FOLDER OUT FILE...: the service part of .proto files as protoc understands
# it, a line a fact: "package NAME", "service NAME", "method NAME", "server_streaming true".
set -eu
protoc=$1 folder=$2 out=$3
shift 3
"$protoc" --proto_path="$folder" --descriptor_set_out="$out.bin" "$@"
"$protoc" --decode_raw < "$out.bin" > "$out.raw"
awk '
    # FileDescriptorSet.file = 1; FileDescriptorProto.package = 2, service = 6;
    # ServiceDescriptorProto.name = 1, method = 2; MethodDescriptorProto.name = 1, server_streaming = 6.
    { depth = match($0, /[^ ]/) - 1 }
    depth == 2 && /^  2: / { gsub(/"/, ""); print "package " $2 }
    depth == 2 && /^  6 \{/ { in_service = 1; next }
    depth == 2 && /^  \}/ { in_service = 0 }
    in_service && depth == 4 && /^    1: / { gsub(/"/, ""); print "service " $2 }
    in_service && depth == 6 && /^      1: / { gsub(/"/, ""); print "method " $2 }
    in_service && depth == 6 && /^      6: 1/ { print "server_streaming" }
' "$out.raw" > "$out"
