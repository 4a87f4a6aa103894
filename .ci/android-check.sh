#!/usr/bin/env bash
# Compiles the app's Android sources as Gradle would, as far as that goes without an Android SDK: all of core-bridge and app, against
# Android 16's framework classes and the androidx libraries. java.* is the JDK's: what Android 7 has not of it cannot be seen here,
# lint sees it. Links manifest and resources. Wants the generated Kotlin compiled beforehand: .ci/android-shell.sh runs it last.
#   .ci/android-check.sh
set -euo pipefail
cd "$(dirname "$0")/.."
exec 1>&2
out=target/android-shell/android-check
client=target/kotlin/bindings/classes
[ -d $client/org/zoufang/core ] || { echo "android-check: $client is missing: run .ci/android-shell.sh"; exit 1; }

mvn -B -ntp -q -Dstyle.color=never -f android-shell/android-check/pom.xml package
rm -rf $out/classes $out/unpacked
mkdir -p $out/classes $out/unpacked
class_path=$client
for library in $out/libraries/*; do
    case $library in
        *.aar)
            name=$(basename "$library" .aar)
            unzip -q -p "$library" classes.jar >"$out/unpacked/$name.jar"
            class_path=$class_path:$out/unpacked/$name.jar
            ;;
        *) class_path=$class_path:$library ;;
    esac
done

compiler=$(printf '%s:' $out/compiler/*.jar)
plugin=$(echo $out/compiler/kotlin-compose-compiler-plugin-embeddable-*.jar)
java -Xmx1500m -cp "$compiler" org.jetbrains.kotlin.cli.jvm.K2JVMCompiler \
    -no-stdlib -jvm-target 17 -Werror -Xplugin="$plugin" -module-name android-check \
    -classpath "$class_path" -d $out/classes \
    android-shell/{core-bridge,app}/src/{main,android}/kotlin
for class in bridge/KeystoreSigner bridge/KeystoreWrap bridge/AndroidNetwork bridge/InFront app/MainActivity app/ZoufangApplication; do
    [ -f $out/classes/org/zoufang/$class.class ] || { echo "android-check: $class was not compiled"; exit 1; }
done
echo "android-check: core-bridge and app compile against android-all 16 and androidx"

# Debian's framework resources are Android 10's, which do not know the rules for Android 12's backups; all else is looked up.
framework=/usr/share/android-framework-res/framework-res.apk
aapt2 compile --dir android-shell/app/src/android/res -o $out/resources.zip
sed -e 's/<manifest /<manifest package="org.zoufang.app" /' -e '/android:dataExtractionRules=/d' \
    android-shell/app/src/android/AndroidManifest.xml >$out/AndroidManifest.xml
aapt2 link -I $framework --manifest $out/AndroidManifest.xml --min-sdk-version 24 --target-sdk-version 36 -o $out/resources.apk $out/resources.zip
echo "android-check: manifest and resources link"
