/* Walks over the parts of each message of an mbox with GMime 3, and prints how many messages and addresses of recipients there
 * are. With a second argument it decodes the content of each part. */
#include <fcntl.h>
#include <gmime/gmime.h>
#include <stdio.h>

struct sum {
	long parts;
	gint64 octets;
	int decode;
};

static void visit(GMimeObject *parent, GMimeObject *part, gpointer data)
{
	struct sum *sum = data;
	GMimeDataWrapper *content;

	(void)parent;
	sum->parts++;
	if (!GMIME_IS_PART(part) || !(content = g_mime_part_get_content(GMIME_PART(part))))
		return;
	if (sum->decode) {
		GMimeStream *null = g_mime_stream_null_new();
		sum->octets += g_mime_data_wrapper_write_to_stream(content, null);
		g_object_unref(null);
	} else {
		sum->octets += g_mime_stream_length(g_mime_data_wrapper_get_stream(content));
	}
}

int main(int argc, char **argv)
{
	struct sum sum = {0, 0, argc > 2};
	long messages = 0, recipients = 0;
	int fd = argc > 1 ? open(argv[1], O_RDONLY) : -1;
	GMimeStream *stream;
	GMimeParser *parser;

	if (fd < 0) {
		fprintf(stderr, "usage: gmime MBOX [decode]\n");
		return 2;
	}
	g_mime_init();
	stream = g_mime_stream_fs_new(fd);
	parser = g_mime_parser_new_with_stream(stream);
	g_mime_parser_set_format(parser, GMIME_FORMAT_MBOX);
	while (!g_mime_parser_eos(parser)) {
		GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
		InternetAddressList *list;

		if (!message)
			break;
		messages++;
		if ((list = g_mime_message_get_all_recipients(message))) {
			recipients += internet_address_list_length(list);
			g_object_unref(list);
		}
		g_mime_message_foreach(message, visit, &sum);
		g_object_unref(message);
	}
	printf("%ld %ld\n", messages, recipients);
	return sum.parts == 0;
}
