# METADATA
# scope: package
# title: Bulk mail
# description: >-
#   What counts as the user's own bulk mail. A message is bulk mail when it says so itself or goes to many addresses. Mail that
#   somebody posted to a mailing list of others, reports of delivery and automatic replies are not.
package postern.lib.bulk

import data.postern.lib.domains
import data.postern.lib.recipients

# marks are the header fields by which the message says that it is bulk or list mail.
marks contains sprintf("Precedence: %s", [input.list.precedence]) if input.list.precedence in {"bulk", "list"}

marks contains "List-Id" if input.list.id_fields > 0

marks contains "List-Unsubscribe" if input.list.unsubscribe_fields > 0

marks contains "Feedback-ID" if input.list.feedback_id != ""

# many tells that the message goes to so many addresses that it counts as bulk mail without any mark.
many if recipients.receiving > data.postern.limits.bulk.list_id.bulk_recipients

# own tells that the message is the user's own bulk mail.
own if {
	_bulk
	not _others_list
	not _automatic
}

# submitted tells that the message is the user's own bulk mail by its own words, and that no server has had it yet.
submitted if {
	own
	count(marks) > 0
	input.header.received == 0
}

# grave is the severity of a fault that is certain in the user's own bulk mail, and a guess in mail that has been under way.
default grave := "warning"

grave := "error" if submitted

# because says why the message counts as bulk mail.
because := concat(", ", sort(marks)) if {
	count(marks) > 0
} else := sprintf("%d recipients", [recipients.receiving])

# readable tells that the words of the message's text are all known.
readable if {
	not input.text.truncated
	input.text.undecoded == 0
}

_bulk if count(marks) > 0

_bulk if many

# A list server has passed the message on, and the list's name is not under the author's domain.
_others_list if {
	input.header.received > 0
	_list_server
	not domains.within(input.list.id, _authors)
}

# Somebody else sent the message for the author, or bounces go to somebody else.
_others_list if {
	some sender in input.sender.sender
	_elsewhere(sender)
}

_others_list if {
	input.header.received > 0
	some sender in input.sender.return_path
	_elsewhere(sender)
}

# Nothing by which to unsubscribe is under the author's domain.
_others_list if {
	input.header.received > 0
	count(input.list.unsubscribe) > 0
	not _authors_unsubscribe
}

_list_server if input.list.post

_list_server if input.list.software != ""

_list_server if input.list.id != ""

_authors := {from.registrable_domain | some from in input.sender.from; from.registrable_domain != ""}

_authors_unsubscribe if {
	some uri in input.list.unsubscribe
	some author in _authors
	contains(lower(uri), author)
}

_elsewhere(address) if {
	address.registrable_domain != ""
	not address.registrable_domain in _authors
}

_automatic if input.automation.delivery_report

_automatic if input.automation.auto_submitted == "auto-replied"

# Programs write "Precedence: bulk" into notices to one person too, so that nobody's absence answers them.
_automatic if {
	input.automation.auto_submitted == "auto-generated"
	not many
	every mark in marks {
		startswith(mark, "Precedence: ")
	}
}
