/** Tables, row pages, indexes, sequences, transactions and system tables of one database. */
@NullMarked
package dev.dormouse.datastore;

import org.jspecify.annotations.NullMarked;
