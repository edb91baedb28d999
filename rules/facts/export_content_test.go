package facts

// TransferReader is for tests that compare it with mimesize's counts.
var TransferReader = transferReader

// Corpora and OracleOutput serve the tests outside the package.
var (
	Corpora      = corpora
	OracleOutput = oracleOutput
)
