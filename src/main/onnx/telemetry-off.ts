// Loaded with onnxruntime: since 1.29 it reports sessions to Microsoft on Linux and macOS, unless this is set before the first.
process.env.ORT_DISABLE_TELEMETRY = '1'
