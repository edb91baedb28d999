package rules

import (
	"slices"
	"strings"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
)

// withheld are the built-in functions of OPA that policies cannot call; a name that ends in a dot stands for all that begin
// with it. Besides these, everything that OPA itself marks as not deterministic is withheld. What is left reaches no network,
// file, clock, time zone or environment, so that a verdict depends on the message, the policies and the options only.
var withheld = []string{
	"http.send", "net.lookup_ip_addr", "providers.aws.", // network
	"json.match_schema", "json.verify_schema", // follow $ref to file:// whatever allow_net says, and quote what they read
	"graphql.", "rego.parse_module", // of no use on mail, and parsers of their own
	"crypto.x509.", "crypto.parse_private_keys", "io.jwt.", // keys and certificates do not belong into a message policy
	"opa.runtime", "trace", "time.now_ns", "rand.intn", "uuid.rfc4122", // environment, clock and chance
	"time.parse_ns", "time.format", "time.date", "time.clock", "time.weekday", "time.diff", // read time zones of the machine
	"bits.lsh", "graph.reachable_paths", // do not look at the deadline and can run for ever on a few octets
	"strings.render_template", // loops of its own that no deadline reaches
}

// capabilities gives what policies can call. Tests of policies may also print.
func capabilities(tests bool) *ast.Capabilities {
	c := *allCapabilities()
	c.AllowNet = []string{}
	c.Builtins = slices.DeleteFunc(slices.Clone(c.Builtins), func(b *ast.Builtin) bool {
		if b.Name == "print" || b.Name == "internal.print" || b.Name == "internal.test_case" {
			return !tests
		}
		return b.Nondeterministic || slices.ContainsFunc(withheld, func(w string) bool {
			return b.Name == w || strings.HasSuffix(w, ".") && strings.HasPrefix(b.Name, w)
		})
	})
	return &c
}

var allCapabilities = sync.OnceValue(func() *ast.Capabilities { return ast.CapabilitiesForThisVersion() })
