package policies_test

var descriptions = map[string]string{}
