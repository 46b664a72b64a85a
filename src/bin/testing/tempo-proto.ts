import protobuf from 'protobufjs'

/**
 * Tempo's messages and OTLP's for protobufjs, as an independent reader of what we write. Numbers and types are those of
 * the published definitions; nothing here is shared with the code under test.
 */
const DEFINITIONS = `
syntax = "proto3";
message TraceByIDResponse { Trace trace = 1; TraceByIDMetrics metrics = 2; PartialStatus status = 3; string message = 4; }
message TraceByIDMetrics { uint64 inspectedBytes = 1; }
enum PartialStatus { COMPLETE = 0; PARTIAL = 1; }
message Trace { repeated ResourceSpans resourceSpans = 1; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scopeSpans = 2; string schemaUrl = 3; }
message Resource {
  repeated KeyValue attributes = 1; uint32 droppedAttributesCount = 2; repeated EntityRef entityRefs = 3;
}
message EntityRef {
  string schemaUrl = 1; string type = 2; repeated string idKeys = 3; repeated string descriptionKeys = 4;
}
message ScopeSpans { InstrumentationScope scope = 1; repeated Span spans = 2; string schemaUrl = 3; }
message InstrumentationScope {
  string name = 1; string version = 2; repeated KeyValue attributes = 3; uint32 droppedAttributesCount = 4;
}
message Span {
  bytes traceId = 1; bytes spanId = 2; string traceState = 3; bytes parentSpanId = 4; string name = 5; SpanKind kind = 6;
  fixed64 startTimeUnixNano = 7; fixed64 endTimeUnixNano = 8; repeated KeyValue attributes = 9;
  uint32 droppedAttributesCount = 10; repeated Event events = 11; uint32 droppedEventsCount = 12;
  repeated Link links = 13; uint32 droppedLinksCount = 14; Status status = 15; fixed32 flags = 16;
  enum SpanKind {
    SPAN_KIND_UNSPECIFIED = 0; SPAN_KIND_INTERNAL = 1; SPAN_KIND_SERVER = 2; SPAN_KIND_CLIENT = 3;
    SPAN_KIND_PRODUCER = 4; SPAN_KIND_CONSUMER = 5;
  }
  message Event {
    fixed64 timeUnixNano = 1; string name = 2; repeated KeyValue attributes = 3; uint32 droppedAttributesCount = 4;
  }
  message Link {
    bytes traceId = 1; bytes spanId = 2; string traceState = 3; repeated KeyValue attributes = 4;
    uint32 droppedAttributesCount = 5; fixed32 flags = 6;
  }
}
message Status {
  string message = 2; StatusCode code = 3;
  enum StatusCode { STATUS_CODE_UNSET = 0; STATUS_CODE_OK = 1; STATUS_CODE_ERROR = 2; }
}
message KeyValue { string key = 1; AnyValue value = 2; }
message AnyValue {
  oneof value {
    string stringValue = 1; bool boolValue = 2; int64 intValue = 3; double doubleValue = 4; ArrayValue arrayValue = 5;
    KeyValueList kvlistValue = 6; bytes bytesValue = 7;
  }
}
message ArrayValue { repeated AnyValue values = 1; }
message KeyValueList { repeated KeyValue values = 1; }
`

const { root } = protobuf.parse(DEFINITIONS)

/** The message as plain data in the form of protobuf's JSON: bytes in base64, enums by name, 64-bit integers as text. */
export function decodeTempo(message: 'TraceByIDResponse' | 'Trace', bytes: Uint8Array): Record<string, unknown> {
  const type = root.lookupType(message)
  return type.toObject(type.decode(bytes), { bytes: String, longs: String, enums: String, json: true })
}
