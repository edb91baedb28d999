package config

import _ "embed"

// Schema is the JSON Schema (draft 2020-12) of postern.yaml, for editors and for programs that write the file. It accepts
// every file that Load accepts; Load refuses more, such as dates that no calendar has.
//
//go:embed postern.schema.json
var Schema []byte
