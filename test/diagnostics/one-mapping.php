//> one-mapping.php:4:13: error M006: this is one mapping and no list of them: write $mappings[] = [...]
//>     4 | $mappings = [
//>       |             ^
$mappings = [
    'id' => 'login',
    'map' => ['eventClass' => 'Auth', 'eventName' => 'login', 'severity' => 2]
];
