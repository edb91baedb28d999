package postern.rules.template.img_dimensions_test

import data.postern.rules.template.img_dimensions

_findings(origin, texts) := found if {
	found := img_dimensions.findings with input as object.union({"origin": origin}, {"html": {"images_without_size": {"count": count(texts), "sample": [{"text": text, "path": "1", "line": 7} | some text in texts]}}})
}

test_fails_in_a_template if {
	_findings("template", ["a.png"]) == {{
		"message": "the image \"a.png\" states no width and height",
		"value": "a.png",
		"path": "1",
		"line": 7,
	}}
}

test_passes_in_a_message if count(_findings("message", ["a.png"])) == 0

test_passes_without if count(_findings("template", [])) == 0
