package org.zoufang.client

import java.io.BufferedReader
import java.io.Writer
import java.util.concurrent.TimeUnit
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.contentOrNull
import kotlinx.serialization.json.int
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive

/** The real server in a process of its own, with made-up homes in one micro-grid, behind a line that can fail. `stage --help` says more. */
class Stage private constructor(private val process: Process) : AutoCloseable {
    private val told: Writer = process.outputWriter(Charsets.UTF_8)
    private val says: BufferedReader = process.inputReader(Charsets.UTF_8)
    private val ready = read()

    /** Where phones find it. */
    val serverUrl: String = ready.text("server_url")!!

    /** The authority that phones pin, when it serves by TLS. */
    val caPem: String? = ready.text("ca_pem")

    /** What the enrolment picture of somebody's phone holds. The first who asks is the micro-grid's manager, everybody else helps. */
    fun qr(name: String = "测试管理员甲"): String = tell("code $name").text("qr")!!

    /** How many visits stand on the server. */
    fun visitsCount(): Int = tell("visits")["count"]!!.jsonPrimitive.int

    /** How many matters stand on the server. */
    fun mattersCount(): Int = tell("matters")["count"]!!.jsonPrimitive.int

    /** How many receipts of notices stand on the server. */
    fun receiptsCount(): Int = tell("receipts")["count"]!!.jsonPrimitive.int

    /** Asks for a visit of every home: today's visit day, or one that is past and whose homes are overdue unless they were visited. */
    fun visitDay(daysAgo: Int, name: String) {
        tell("visit_day $daysAgo $name")
    }

    /** Sends a notice that holds from today on and waits for receipts. */
    fun notice(title: String) {
        tell("notice $title")
    }

    /** Refuses somebody's phone for good. */
    fun revoke(name: String) {
        val device = tell("devices")["devices"]!!.jsonArray.map { it.jsonObject }.single { it.text("staff_name") == name }
        tell("revoke ${device.text("id")}")
    }

    /** Keeps the server's database as it is now. */
    fun backUp() {
        tell("back_up")
    }

    /** Puts what was kept last in the server's place: it knows nothing of what was done since. */
    fun restore() {
        tell("restore")
    }

    /** From now on connections are taken and nothing comes back. */
    fun fallSilent() {
        tell("silence")
    }

    /** The line is good again. */
    fun heal() {
        tell("heal")
    }

    override fun close() {
        told.close() // the end of its standard input is its end
        check(process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0) { "the stage did not end in order" }
    }

    @Synchronized
    private fun tell(command: String): JsonObject {
        told.write("$command\n")
        told.flush()
        val answer = read()
        check("error" !in answer) { "the stage, asked for `$command`: ${answer.text("error")}" }
        return answer
    }
    private fun read(): JsonObject = Json.parseToJsonElement(checkNotNull(says.readLine()) { "the stage has ended" }).jsonObject
    private fun JsonObject.text(name: String): String? = this[name]?.jsonPrimitive?.contentOrNull

    companion object {
        /** Starts it; the program is named by the system property `zoufang.stage`. */
        fun open(homesCount: Int = 40, tls: Boolean = false): Stage {
            val program = checkNotNull(System.getProperty("zoufang.stage")) { "-Dzoufang.stage names no program" }
            val command = listOf(program, "--homes", "$homesCount") + if (tls) listOf("--tls") else emptyList()
            return Stage(ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start())
        }
    }
}
