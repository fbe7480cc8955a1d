#!/usr/bin/env python3
"""event_rpcgen.py - write the C code of the messages in an .rpc file

SYNOPSIS
    event_rpcgen.py [--quiet] FILE.rpc [FILE.gen.h] [FILE.gen.c]

    Without other names the output goes beside the input, to FILE.gen.h and FILE.gen.c. What the
    functions of the output do is below; event2/rpc.h has the macros to use them, and sends the
    messages over HTTP. The output needs libevent (any from 2.0 on) and is C99; C++ may include the
    header. Nothing is written if the input has an error.

INPUT
    Messages, comments (/* */ and //) and lines that begin with # (which go to the header):

        #include "other.gen.h"

        struct Order {
            string customer = 1;
            array struct[Item] items = 2;
            optional int64 deadline = 3;
            optional bytes note = 4;
            bytes digest[32] = 5;
        }

    A field is: optional, array or nothing (it has to be there); a type; a name; its tag, which
    identifies it on the wire, is unique in the message and never changes. Types are

        int             ev_uint32_t
        int64           ev_uint64_t
        string          char *, NUL-terminated
        bytes           ev_uint8_t * with a length; not in arrays
        bytes name[N]   N bytes (a number or a macro's name); not in arrays
        struct[NAME]    another message: of this file, or of one whose header is included

OUTPUT
    For a message Order

        struct Order                        to be used by the macros only
        Order_new(), Order_free()           one without any field set; NULL without memory
        Order_clear()                       unsets all fields
        Order_complete()                    0 if all fields are set that have to be, else -1
        Order_marshal(), Order_unmarshal()  to and from an evbuffer; -1 if that has something else
        evtag_marshal_Order(), evtag_unmarshal_Order()      as an item of event2/tag.h
        ORDER_CUSTOMER, ..., ORDER_MAX_TAGS                 the tags

    and for its fields

        Order_customer_assign(msg, value)         EVTAG_ASSIGN: sets it, to a copy
        Order_customer_get(msg, &value)           EVTAG_GET: -1 if it is not set; but an unset
                                                  struct is made, to be filled
        Order_note_assign(msg, bytes, length)     EVTAG_ASSIGN_WITH_LEN
        Order_note_get(msg, &bytes, &length)      EVTAG_GET_WITH_LEN
        Order_items_add(msg)                      EVTAG_ARRAY_ADD: the new, empty message
        Order_numbers_add(msg, value)             EVTAG_ARRAY_ADD_VALUE: points to the new entry
        Order_items_get(msg, index, &value)       EVTAG_ARRAY_GET
        Order_items_assign(msg, index, value)     replaces an entry

    The message owns what it gives out.

EXIT STATUS
    0; 1 if the input has an error, which is reported as FILE:LINE: TEXT, or a file cannot be read
    or written; 2 if the command line is wrong.
"""

# One file, though a long one: it is installed as such.

import argparse
import os
import re
import sys
from string import Template

# How deep messages of one file may lie in each other when they are read: a peer that sends more
# would use up the stack.
MAX_DEPTH = 64

# One less than the largest enumerator, which names the end of the tags.
MAX_TAG = 0x7FFFFFFE

KEYWORDS = frozenset(
    "auto break case char const continue default do double else enum extern float for goto if "
    "inline int long register restrict return short signed sizeof static struct switch typedef union "
    "unsigned void volatile while bool catch class delete explicit false friend mutable namespace "
    "new operator private protected public template this throw true try typename using "
    "virtual".split())


class RpcError(Exception):
    """The input is wrong, in that line."""

    def __init__(self, line, text):
        super().__init__(text)
        self.line = line


def fill(template, **values):
    return Template(template).substitute(values)


# ---- Types of fields -----------------------------------------------------------------------------
#
# A type is C text for what is done with a value in `$place`; where that fails it returns `$fail`. A
# field is one value (class Single) or an array of them (class Array) and puts the text into functions.


class Type:
    """What most types have in common. `value` and `parameters` are how functions hand a value on."""

    can_be_array = True
    # Helper functions that the text calls.
    helpers = ()
    declaration = "${ctype}${name}_data;"
    copy = "*value = $place;"
    # A value is made when it is asked for.
    make = ""
    # What `add` puts into an array, unless it takes a value.
    new_entry = None
    # An expression that is true for a value that lacks something.
    lacks = ""
    # Gives back what the value owns.
    release = ""
    zero = "$place = NULL;"

    def parameters(self):
        return f"{self.parameter}value"

    def results(self):
        return f"{self.ctype}*value"


class Integer(Type):
    store = "$place = value;"
    zero = "$place = 0;"

    def __init__(self, bits):
        self.ctype = self.parameter = f"ev_uint{bits}_t "
        suffix = "" if bits == 32 else "64"
        self.marshal = f"evtag_marshal_int{suffix}(evbuf, $tag, $place);"
        self.unmarshal = (f"if (evtag_unmarshal_int{suffix}(evbuf, $tag, &$place) == -1)\n"
                          "\treturn -1;")


class String(Type):
    ctype = "char *"
    parameter = "const char *"
    helpers = ("duplicate_bytes", "unmarshal_bytes")
    store = """\
char *copy = (char *)duplicate_bytes_(value, strlen(value) + 1);
if (copy == NULL)
	return $fail;
free($place);
$place = copy;"""
    release = "free($place);"
    marshal = "evtag_marshal_string(evbuf, $tag, $place);"
    unmarshal = ("$place = (char *)unmarshal_bytes_(evbuf, $tag, NULL);\n"
                 "if ($place == NULL)\n\treturn -1;")


class FixedBytes(Type):
    can_be_array = False
    ctype = "ev_uint8_t *"
    parameter = "const ev_uint8_t *"
    store = "memmove($place, value, sizeof($place));"
    zero = "memset($place, 0, sizeof($place));"
    marshal = "evtag_marshal(evbuf, $tag, $place, (ev_uint32_t)sizeof($place));"
    unmarshal = ("if (evtag_unmarshal_fixed(evbuf, $tag, $place, sizeof($place)) == -1)\n"
                 "\treturn -1;")

    def __init__(self, size):
        self.declaration = f"ev_uint8_t ${{name}}_data[{size}];"


class Bytes(Type):
    can_be_array = False
    ctype = "ev_uint8_t *"
    helpers = ("duplicate_bytes", "unmarshal_bytes")
    declaration = "ev_uint8_t *${name}_data;\nev_uint32_t ${name}_length;"
    copy = "*value = $place;\n*length = msg->${name}_length;"
    store = """\
ev_uint8_t *copy = (ev_uint8_t *)duplicate_bytes_(value, length);
if (copy == NULL)
	return $fail;
free($place);
$place = copy;
msg->${name}_length = length;"""
    release = "free($place);"
    zero = "$place = NULL;\nmsg->${name}_length = 0;"
    marshal = "evtag_marshal(evbuf, $tag, $place, msg->${name}_length);"
    unmarshal = ("$place = (ev_uint8_t *)unmarshal_bytes_(evbuf, $tag, &msg->${name}_length);\n"
                 "if ($place == NULL)\n\treturn -1;")

    def parameters(self):
        return "const ev_uint8_t *value, ev_uint32_t length"

    def results(self):
        return "ev_uint8_t **value, ev_uint32_t *length"


class Struct(Type):
    def __init__(self, name, line):
        self.message = name
        self.line = line
        self.ctype = f"struct {name} *"
        self.parameter = f"const struct {name} *"
        self.store = f"""\
struct {name} *copy = {name}_copy_(value);
if (copy == NULL)
	return $fail;
if ($place != NULL)
	{name}_free($place);
$place = copy;"""
        self.new_entry = f"{name}_new()"
        self.make = f"""\
if (msg->${{name}}_set != 1) {{
	if (($place = {name}_new()) == NULL)
		return -1;
	msg->${{name}}_set = 1;
}}"""
        self.release = f"if ($place != NULL)\n\t{name}_free($place);"
        self.lacks = f"{name}_complete($place) == -1"
        self.marshal = f"evtag_marshal_{name}(evbuf, $tag, $place);"

    def link(self, is_ours):
        """Messages of this file are read with a limit to the depth."""
        read = (f"{self.message}_read_item_(evbuf, $tag, $place, depth)" if is_ours else
                f"evtag_unmarshal_{self.message}(evbuf, $tag, $place)")
        self.unmarshal = (f"if (($place = {self.message}_new()) == NULL)\n\treturn -1;\n"
                          f"if ({read} == -1) {{\n\t{self.message}_free($place);\n"
                          "\t$place = NULL;\n\treturn -1;\n}")


# ---- Fields --------------------------------------------------------------------------------------


class Field:
    """A field of a message; `functions` lists (result, name, parameters, body) of its accessors."""

    def __init__(self, message, name, tag, type_):
        self.message, self.name, self.tag, self.type = message, name, tag, type_
        self.constant = f"{message}_{name}".upper()
        self.helpers = type_.helpers

    def text(self, template, place, fail="-1"):
        return fill(template, place=place, name=self.name, tag=self.constant, fail=fail,
                    ctype=self.type.ctype, message=self.message)


class Single(Field):
    def __init__(self, message, name, tag, type_, optional):
        super().__init__(message, name, tag, type_)
        self.optional = optional

    def here(self, template):
        return self.text(template, f"msg->{self.name}_data")

    def declaration(self):
        return self.text(self.type.declaration, "")

    def functions(self):
        check = self.type.make or "if (msg->${name}_set != 1)\n\treturn -1;"
        return [
            ("int ", "assign", self.type.parameters(),
             self.here(self.type.store + "\nmsg->${name}_set = 1;\nreturn 0;")),
            ("int ", "get", self.type.results(),
             self.here(check + "\n" + self.type.copy + "\nreturn 0;")),
        ]

    def clear(self):
        parts = [self.type.release, self.type.zero, "msg->${name}_set = 0;"]
        return self.here("\n".join(part for part in parts if part))

    def complete(self):
        parts = ["msg->${name}_set" if self.optional else "!msg->${name}_set", self.type.lacks]
        if self.optional and not self.type.lacks:
            return ""
        condition = (" && " if self.optional else " || ").join(part for part in parts if part)
        return self.here(f"if ({condition})\n\treturn -1;")

    def marshal(self):
        return self.here("if (msg->${name}_set)\n" + indent(self.type.marshal))

    def unmarshal(self):
        return self.here("if (msg->${name}_set)\n\treturn -1;\n" + self.type.unmarshal +
                         "\nmsg->${name}_set = 1;")


class Array(Field):
    def __init__(self, message, name, tag, type_):
        super().__init__(message, name, tag, type_)
        self.helpers = (*type_.helpers, "grow")

    def at(self, index, template, fail="-1"):
        return self.text(template, f"msg->{self.name}_data[{index}]", fail)

    def declaration(self):
        return (f"{self.type.ctype}*{self.name}_data;\n"
                f"int {self.name}_length;\nint {self.name}_num_allocated;")

    def grow(self, fail):
        return fill("""\
if (msg->${name}_length == msg->${name}_num_allocated) {
	void *grown = grow_(msg->${name}_data, sizeof(*msg->${name}_data), &msg->${name}_num_allocated);
	if (grown == NULL)
		return $fail;
	msg->${name}_data = (${ctype}*)grown;
}
""", name=self.name, ctype=self.type.ctype, fail=fail)

    def functions(self):
        check = "if (index < 0 || index >= msg->${name}_length)\n\treturn -1;\n"
        return [
            ("int ", "assign", "int index, " + self.type.parameters(),
             self.at("index", f"{check}{{\n{indent(self.type.store)}\n}}\nreturn 0;")),
            ("int ", "get", "int index, " + self.type.results(),
             self.at("index", check + self.type.copy + "\nreturn 0;")),
            self.add(),
        ]

    def add(self):
        if self.type.new_entry:
            result, address, parameters = self.type.ctype, "", ""
            make = f"if (($place = {self.type.new_entry}) == NULL)\n\treturn NULL;"
        else:
            result, address, parameters = f"{self.type.ctype}*", "&", self.type.parameters()
            make = f"{{\n{indent(self.type.store)}\n}}"
        count = ("\n++msg->${name}_length;\nmsg->${name}_set = 1;\n"
                 f"return {address}msg->${{name}}_data[msg->${{name}}_length - 1];")
        body = self.grow("NULL") + self.at(f"msg->{self.name}_length", make + count, "NULL")
        return (result, "add", parameters, body)

    def each(self, template):
        if not template:
            return ""
        return self.at("i", f"for (int i = 0; i < msg->${{name}}_length; ++i) {{\n"
                            f"{indent(template)}\n}}\n")

    def clear(self):
        return self.each(self.type.release) + self.text("""\
free(msg->${name}_data);
msg->${name}_data = NULL;
msg->${name}_length = 0;
msg->${name}_num_allocated = 0;
msg->${name}_set = 0;""", "")

    def complete(self):
        return self.each(self.type.lacks and f"if ({self.type.lacks})\n\treturn -1;")

    def marshal(self):
        return self.each(self.type.marshal)

    def unmarshal(self):
        last = f"msg->{self.name}_length"
        return self.grow("-1") + self.at(last, self.type.unmarshal +
                                         "\n++msg->${name}_length;\nmsg->${name}_set = 1;")


class Message:
    def __init__(self, name, line):
        self.name, self.line, self.fields = name, line, []


# ---- Reading -------------------------------------------------------------------------------------

TOKEN = re.compile(r"""
    (?P<space>[ \t\r\f\v]+|//[^\n]*|/\*.*?\*/)
  | (?P<newline>\n)
  | (?P<directive>\#(?:\\\n|[^\n])*)
  | (?P<number>0[xX][0-9a-fA-F]+\b|[0-9]+\b)
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<sign>[{}\[\]=;])
""", re.VERBOSE | re.DOTALL)


def tokens(text):
    """Yields (kind, text, line), and at the end the kind "end"."""
    place, line, line_is_empty = 0, 1, True
    while place < len(text):
        match = TOKEN.match(text, place)
        if match is None:
            if text.startswith("/*", place):
                raise RpcError(line, "the comment does not end")
            raise RpcError(line, f"unexpected {text[place]!r}")
        kind, found = match.lastgroup, match.group()
        if kind == "directive" and not line_is_empty:
            raise RpcError(line, "# has to begin a line")
        if kind in ("directive", "number", "name", "sign"):
            yield kind, found, line
        line_is_empty = kind == "newline" or (kind == "space" and line_is_empty)
        line += found.count("\n")
        place = match.end()
    yield "end", "the end of the file", line


class Parser:
    """Reads a whole file into `messages` and `directives`."""

    def __init__(self, text):
        self.messages, self.directives = [], []
        self.constants = {}
        self.stream = tokens(text)
        self.advance()
        while self.kind != "end":
            if self.kind == "directive":
                self.directives.append(self.advance())
            else:
                self.read_message()
        self.link()

    def advance(self):
        """Returns the current token's text and goes to the next."""
        found = getattr(self, "token", None)
        self.kind, self.token, self.line = next(self.stream)
        return found

    def error(self, text):
        raise RpcError(self.line, text)

    def expect(self, what, kind="sign"):
        """Takes a token: a certain one, or any of a kind, of which `what` says what it is."""
        if self.kind != kind or (kind == "sign" and self.token != what):
            self.error(f"expected {what!r}, found {self.token!r}" if kind == "sign" else
                       f"expected {what}, found {self.token!r}")
        return self.advance()

    def accept(self, token):
        if self.token != token:
            return False
        self.advance()
        return True

    def read_message(self):
        if not self.accept("struct"):
            self.error(f"expected 'struct', found {self.token!r}")
        line, name = self.line, self.expect("the message's name", "name")
        if name in KEYWORDS:
            raise RpcError(line, f"{name!r} is a word of C or C++")
        for other in self.messages:
            if other.name == name:
                raise RpcError(line, f"{name!r} is defined in line {other.line} already")
        message = Message(name, line)
        self.claim(f"{name}_MAX_TAGS".upper(), line)
        self.expect("{")
        while not self.accept("}"):
            self.read_field(message)
        self.accept(";")
        if not message.fields:
            raise RpcError(line, f"{name!r} has no fields")
        self.messages.append(message)

    def claim(self, constant, line):
        """Constants of different messages may be the same name."""
        if constant in self.constants:
            raise RpcError(line, f"the constant {constant} comes from line "
                                 f"{self.constants[constant]} already")
        self.constants[constant] = line

    def read_field(self, message):
        line = self.line
        label = self.advance() if self.token in ("optional", "array") else ""
        type_name = self.expect("a type", "name")
        struct_name = None
        if type_name == "struct":
            self.expect("[")
            struct_name = self.expect("a message's name", "name")
            self.expect("]")
        name = self.expect("the field's name", "name")
        type_ = self.read_type(type_name, struct_name, line)
        if label == "array" and not type_.can_be_array:
            raise RpcError(line, "there are no arrays of bytes")
        self.expect("=")
        tag_line, tag = self.line, self.read_number()
        self.expect(";")
        if tag > MAX_TAG:
            raise RpcError(tag_line, f"the tag is over {MAX_TAG}")
        for other in message.fields:
            if other.name == name:
                raise RpcError(line, f"there is a field {name!r} already")
            if other.tag == tag:
                raise RpcError(tag_line, f"the tag {tag} is that of {other.name!r} already")
        if label == "array":
            field = Array(message.name, name, tag, type_)
        else:
            field = Single(message.name, name, tag, type_, label == "optional")
        self.claim(field.constant, line)
        message.fields.append(field)

    def read_type(self, name, struct_name, line):
        if name == "struct":
            return Struct(struct_name, line)
        if name == "bytes":
            return FixedBytes(self.read_size()) if self.accept("[") else Bytes()
        if name in ("int", "int64"):
            return Integer(64 if name == "int64" else 32)
        if name == "string":
            return String()
        raise RpcError(line, f"{name!r} is no type")

    def read_size(self):
        line = self.line
        size = self.advance() if self.kind == "name" else self.read_number()
        if size == 0:
            raise RpcError(line, "there are no fields of 0 bytes")
        self.expect("]")
        return size

    def read_number(self):
        line, text = self.line, self.expect("a number", "number")
        if len(text) > 1 and text[0] == "0" and text[1] not in "xX":
            raise RpcError(line, f"{text}: write numbers without a leading 0, or with 0x")
        return int(text, 0)

    def link(self):
        """Messages that are not of this file have to come from a header."""
        ours = {message.name for message in self.messages}
        included = any(re.match(r"#\s*include\b", line) for line in self.directives)
        for message in self.messages:
            for field in message.fields:
                if isinstance(field.type, Struct):
                    if field.type.message not in ours and not included:
                        raise RpcError(field.type.line, f"there is no message "
                                                        f"{field.type.message!r}")
                    field.type.link(field.type.message in ours)


# ---- Writing -------------------------------------------------------------------------------------


def indent(text, by=1):
    return "\n".join("\t" * by + line if line else "" for line in text.split("\n"))


HELPERS = {
    "duplicate_bytes": """\
static void *
duplicate_bytes_(const void *bytes, size_t length)
{
	void *copy = malloc(length > 0 ? length : 1);
	if (copy != NULL && length > 0)
		memcpy(copy, bytes, length);
	return copy;
}
""",
    "unmarshal_bytes": """\
/* The payload with a NUL behind it. */
static void *
unmarshal_bytes_(struct evbuffer *evbuf, ev_uint32_t tag, ev_uint32_t *length)
{
	ev_uint32_t size;
	char *bytes;
	/* The size is the peer's word: nothing is allocated before the bytes are there. */
	if (evtag_payload_length(evbuf, &size) == -1 || size > evbuffer_get_length(evbuf))
		return NULL;
	bytes = (char *)malloc((size_t)size + 1);
	if (bytes == NULL)
		return NULL;
	if (evtag_unmarshal_fixed(evbuf, tag, bytes, size) == -1) {
		free(bytes);
		return NULL;
	}
	bytes[size] = '\\0';
	if (length != NULL)
		*length = size;
	return bytes;
}
""",
    "grow": """\
static void *
grow_(void *entries, size_t size, int *allocated)
{
	int count = *allocated > 0 && *allocated <= INT_MAX / 2 ? 2 * *allocated : 4;
	void *grown;
	if (count <= *allocated || (size_t)count > (size_t)-1 / size)
		return NULL;
	grown = realloc(entries, (size_t)count * size);
	if (grown == NULL)
		return NULL;
	memset((char *)grown + (size_t)*allocated * size, 0, (size_t)(count - *allocated) * size);
	*allocated = count;
	return grown;
}
""",
}

COPY = """\
static struct $name *
${name}_copy_(const struct $name *value)
{
	struct $name *copy = ${name}_new();
	struct evbuffer *bytes = evbuffer_new();
	if (copy != NULL && bytes != NULL) {
		${name}_marshal(bytes, value);
		if (${name}_unmarshal(copy, bytes) == 0) {
			evbuffer_free(bytes);
			return copy;
		}
	}
	if (bytes != NULL)
		evbuffer_free(bytes);
	if (copy != NULL)
		${name}_free(copy);
	return NULL;
}
"""

READ_ITEM = """\
static int
${name}_read_item_(struct evbuffer *evbuf, ev_uint32_t need_tag, struct $name *msg, int depth)
{
	ev_uint32_t tag;
	int result = -1;
	struct evbuffer *payload = evbuffer_new();
	if (payload == NULL)
		return -1;
	if (evtag_unmarshal(evbuf, &tag, payload) != -1 && tag == need_tag)
		result = ${name}_read_(msg, payload, depth + 1);
	evbuffer_free(payload);
	return result;
}
"""

MESSAGE = """\
/* ---- struct $name ---- */

static struct ${name}_access_ ${name}_table_ = {
$table
};

struct $name *
${name}_new(void)
{
	struct $name *msg = (struct $name *)calloc(1, sizeof(struct $name));
	if (msg != NULL)
		msg->base = &${name}_table_;
	return msg;
}

struct $name *
${name}_new_with_arg(void *arg)
{
	(void)arg;
	return ${name}_new();
}

void
${name}_clear(struct $name *msg)
{$clear
}

void
${name}_free(struct $name *msg)
{
	${name}_clear(msg);
	free(msg);
}

int
${name}_complete(struct $name *msg)
{$complete
	return 0;
}

void
${name}_marshal(struct evbuffer *evbuf, const struct $name *msg)
{$marshal
}

static int
${name}_read_(struct $name *msg, struct evbuffer *evbuf, int depth)
{
	ev_uint32_t tag;
	if (depth > $max_depth)
		return -1;
	while (evbuffer_get_length(evbuf) > 0) {
		if (evtag_peek(evbuf, &tag) == -1)
			return -1;
		switch (tag) {
$cases
		default:
			return -1;
		}
	}
	return ${name}_complete(msg);
}

int
${name}_unmarshal(struct $name *msg, struct evbuffer *evbuf)
{
	return ${name}_read_(msg, evbuf, 0);
}

void
evtag_marshal_$name(struct evbuffer *evbuf, ev_uint32_t tag, const struct $name *msg)
{
	struct evbuffer *payload = evbuffer_new();
	if (payload == NULL)
		return;
	${name}_marshal(payload, msg);
	evtag_marshal_buffer(evbuf, tag, payload);
	evbuffer_free(payload);
}

$read_item
int
evtag_unmarshal_$name(struct evbuffer *evbuf, ev_uint32_t need_tag, struct $name *msg)
{
	return ${name}_read_item_(evbuf, need_tag, msg, 0);
}
"""

HEADER_MESSAGE = """\
enum ${name}_ {
$tags
};

struct ${name}_access_ {
$access
};

struct $name {
	struct ${name}_access_ *base;

$members
};

struct $name *${name}_new(void);
struct $name *${name}_new_with_arg(void *);
void ${name}_free(struct $name *);
void ${name}_clear(struct $name *);
int ${name}_complete(struct $name *);
void ${name}_marshal(struct evbuffer *, const struct $name *);
int ${name}_unmarshal(struct $name *, struct evbuffer *);
void evtag_marshal_${name}(struct evbuffer *, ev_uint32_t, const struct $name *);
int evtag_unmarshal_${name}(struct evbuffer *, ev_uint32_t, struct $name *);
$accessors
"""


def accessors(message):
    """(field, result, function, parameters, body) of every accessor."""
    for field in message.fields:
        for result, verb, parameters, body in field.functions():
            parameters = f"struct {message.name} *msg" + (", " + parameters if parameters else "")
            yield field, result, verb, parameters, body


def write_message_header(message):
    tags = [f"{field.constant} = {field.tag}" for field in message.fields]
    tags.append(f"{message.name}_MAX_TAGS".upper() +
                f" = {max(field.tag for field in message.fields) + 1}")
    members = [field.declaration() for field in message.fields]
    members += [f"ev_uint8_t {field.name}_set;" for field in message.fields]
    access, functions = [], []
    for field, result, verb, parameters, _ in accessors(message):
        access.append(f"{result}(*{field.name}_{verb})({parameters});")
        functions.append(f"{result}{message.name}_{field.name}_{verb}({parameters});")
    return fill(HEADER_MESSAGE, name=message.name, tags=indent(",\n".join(tags)),
                access=indent("\n".join(access)), members=indent("\n".join(members)),
                accessors="\n".join(functions))


def write_header(parser, source_name, guard):
    structs = {message.name for message in parser.messages}
    structs.update(field.type.message for message in parser.messages for field in message.fields
                   if isinstance(field.type, Struct))
    return f"""\
/* Made by event_rpcgen.py from {source_name}. Change that, not this. */
#ifndef {guard}
#define {guard}

#include <event2/rpc.h>
#include <event2/util.h>
{"".join(line + chr(10) for line in parser.directives)}
#ifdef __cplusplus
extern "C" {{
#endif

struct evbuffer;
{"".join(f"struct {name};{chr(10)}" for name in sorted(structs))}
{chr(10).join(write_message_header(message) for message in parser.messages)}
#ifdef __cplusplus
}}
#endif

#endif /* {guard} */
"""


def write_message(message):
    def body(texts, by=1):
        return "".join("\n" + indent(text.rstrip("\n"), by) for text in texts if text)

    table = [f"{message.name}_{field.name}_{verb}" for field, _, verb, _, _ in accessors(message)]
    functions = [f"{result.rstrip()}\n{message.name}_{field.name}_{verb}({parameters})\n"
                 f"{{\n{indent(text)}\n}}\n"
                 for field, result, verb, parameters, text in accessors(message)]
    cases = "\n".join(f"\t\tcase {field.constant}:\n{indent(field.unmarshal(), 3)}\n\t\t\tbreak;"
                      for field in message.fields)
    text = fill(MESSAGE, name=message.name, max_depth=MAX_DEPTH,
                table=indent(",\n".join(table)),
                clear=body(field.clear() for field in message.fields),
                complete=body(field.complete() for field in message.fields) or "\n\t(void)msg;",
                marshal=body(field.marshal() for field in message.fields), cases=cases,
                read_item=fill(READ_ITEM, name=message.name))
    return text + "\n" + "\n".join(functions)


def write_source(parser, source_name, header_name):
    fields = [field for message in parser.messages for field in message.fields]
    copied = sorted({field.type.message for field in fields if isinstance(field.type, Struct)})
    helpers = {name for field in fields for name in field.helpers}
    prototypes = []
    for message in parser.messages:
        name = message.name
        prototypes += [f"static int {name}_read_(struct {name} *, struct evbuffer *, int);",
                       f"static int {name}_read_item_(struct evbuffer *, ev_uint32_t, "
                       f"struct {name} *, int);"]
    parts = [f"""\
/* Made by event_rpcgen.py from {source_name}. Change that, not this. */
#include "{header_name}"

#include <event2/buffer.h>
#include <event2/tag.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

""" + "\n".join(prototypes) + "\n"]
    parts += [HELPERS[name] for name in HELPERS if name in helpers]
    parts += [fill(COPY, name=name) for name in copied]
    parts += [write_message(message) for message in parser.messages]
    return "\n".join(parts)


# ---- The command ---------------------------------------------------------------------------------


def output_names(rpc_file, names):
    """The header's and the source's name, from those that the command line gives."""
    stem = os.path.splitext(rpc_file)[0]
    header, source = stem + ".gen.h", stem + ".gen.c"
    for name in names:
        if name.endswith(".h"):
            header = name
        else:
            source = name
    return header, source


def generate(rpc_file, header, source):
    with open(rpc_file, encoding="utf-8") as stream:
        parser = Parser(stream.read())
    rpc_name = os.path.basename(rpc_file)
    guard = "EVENT_RPCOUT_" + re.sub(r"\W", "_", os.path.basename(header)).upper() + "_"
    include = os.path.relpath(header, os.path.dirname(source) or ".").replace(os.sep, "/")
    texts = {header: write_header(parser, rpc_name, guard),
             source: write_source(parser, rpc_name, include)}
    for name, text in texts.items():
        with open(name, "w", encoding="utf-8") as stream:
            stream.write(text)


def main():
    class Help(argparse.Action):
        def __call__(self, parser, *_):
            print(__doc__, end="")
            parser.exit()

    arguments = argparse.ArgumentParser(
        add_help=False, usage="event_rpcgen.py [--quiet] FILE.rpc [FILE.gen.h] [FILE.gen.c]")
    arguments.add_argument("-h", "--help", action=Help, nargs=0)
    arguments.add_argument("--quiet", action="store_true")
    arguments.add_argument("rpc_file")
    arguments.add_argument("outputs", nargs="*")
    options = arguments.parse_args()
    kinds = [name[-2:] for name in options.outputs]
    if sorted(kinds) not in ([], [".h"], [".c"], [".c", ".h"]):
        arguments.error("the outputs are a name that ends in .h and one that ends in .c")
    header, source = output_names(options.rpc_file, options.outputs)
    try:
        generate(options.rpc_file, header, source)
    except RpcError as error:
        print(f"{options.rpc_file}:{error.line}: {error}", file=sys.stderr)
        return 1
    except (OSError, UnicodeDecodeError) as error:
        print(f"event_rpcgen.py: {options.rpc_file}: {error}", file=sys.stderr)
        return 1
    if not options.quiet:
        print(f"wrote {header} and {source}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
