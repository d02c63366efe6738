//> nothing.php:1:1: error M006: there is no mapping in this file: write $mappings[] = [...]
//>     1 | //> nothing.php:1:1: error M006: there is no mapping in this file: write $mappings[] = [...]
//>       | ^
// The mappings will stand here.
