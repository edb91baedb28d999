// Package settings reads how programs hand mail to their server: the submission part of postern.yaml, msmtprc, Postfix's
// main.cf with its maps, git's sendemail section, nullmailer's remotes, php.ini, and the SMTP variables of .env and Compose
// files. It gives facts and no opinion; the policies judge them.
//
// It opens files only, those that are named and those beside postern.yaml, runs nothing but `git ls-files`, and follows no
// include. A password is looked at to tell that it is one and is kept nowhere: not in a fact, not in an error.
package settings
