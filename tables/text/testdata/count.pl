#!/usr/bin/perl
# Counts the words of all files of a folder by the word rule, written anew and
# from the rule's text only: what the store is compared with.
#
#     count.pl FOLDER
#
# prints "count<TAB>word" for each word, in no order.
use strict;
use warnings;
use File::Find;

# Perl may know a later Unicode than 13; what came since is not a letter.
my $W = qr/(?[ [\p{L}\p{M}\p{N}] & [\p{Present_In: 13.0}] ])/;
my $cased = qr/[\p{Lu}\p{Ll}\p{Lt}]/;
my %lower; # of one character
my %count;

sub lower {
    my ($c) = @_;
    return $lower{$c} //= $c !~ /\p{Present_In: 13.0}/ ? $c : $c eq "\x{130}" ? "i\x{307}" : lc $c;
}

sub words {
    my ($line) = @_;
    if ($line =~ /[^\x00-\x7f]/) {
        # A capital sigma is final behind a letter, and not before one, marks
        # and single apostrophes aside.
        $line =~ s/(?<=$cased)(\p{M}*)\x{3a3}(?!\p{M}*['.\x{b7}]?$cased)/$1\x{3c2}/g;
        $line =~ s/([^\x00-\x7f])/lower($1)/ge;
        $line =~ s/\x{2019}/'/g;
    }
    $line =~ tr/A-Z/a-z/;
    $count{$1}++ while $line =~ /($W+(?:'$W+)*)/g;
}

# Decodes UTF-8 by its definition; a byte that is no part of a character
# becomes U+FFFD.
sub decode {
    my ($bytes) = @_;
    return $bytes if $bytes !~ /[\x80-\xff]/;
    my $text = '';
    while ($bytes =~ /\G(?:
          ([\x00-\x7f]+)
        | ([\xc2-\xdf][\x80-\xbf]
          | \xe0[\xa0-\xbf][\x80-\xbf] | [\xe1-\xec\xee\xef][\x80-\xbf]{2} | \xed[\x80-\x9f][\x80-\xbf]
          | \xf0[\x90-\xbf][\x80-\xbf]{2} | [\xf1-\xf3][\x80-\xbf]{3} | \xf4[\x80-\x8f][\x80-\xbf]{2})
        | .)/gsx) {
        if (defined $1) { $text .= $1 }
        elsif (defined $2) { my $c = $2; utf8::decode($c); $text .= $c }
        else { $text .= "\x{fffd}" }
    }
    return $text;
}

find({ no_chdir => 1, wanted => sub {
    return unless -f $_;
    my ($in, $name) = (undef, $_);
    if ($name =~ /\.gz$/) { open($in, '-|', 'gzip', '-dc', $name) or die "$name: $!" }
    else { open($in, '<', $name) or die "$name: $!" }
    binmode $in;
    local $/;
    my $bytes = <$in> // '';
    close $in or die "$name: can't be read";
    $bytes =~ s/^\xef\xbb\xbf//;
    words(decode($_)) for split /\r\n|\n|\r/, $bytes;
} }, $ARGV[0]);

binmode STDOUT, ':utf8';
print "$count{$_}\t$_\n" for keys %count;
