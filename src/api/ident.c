/* A string in every object that tells which library a file or a core dump contains:
 * strings -a libevent-2.1.so.7 | grep relevent */
static const char relevent_ident[] __attribute__((used)) = "$relevent: " RELEVENT_VERSION_STRING " $";
