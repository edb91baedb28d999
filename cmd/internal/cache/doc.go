// Package cache is how the programs of postern keep what they have worked out, for themselves: the settings and guards of the front of
// sendmail (package front) and the compiled rules of the whole program (package snapshot).
//
// A file of the cache is believed only if it is certain that nobody but root or the user himself can have written it: it and the
// directory that it lies in belong to one of the two, nobody else can write either, and neither is a link. A checksum finds damage;
// decoding bounds everything by the octets that are there. Whatever is not as it should be is as good as no file. Files appear under
// their names as a whole; of many that write the same one at once one does, and the others let it.
//
// What a file was made of is for its owner to compare: the cache knows no time after which a file is no longer good.
package cache
