package facts

// TransferReader is for tests that compare it with mimesize's counts.
var TransferReader = transferReader
